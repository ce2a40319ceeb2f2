from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

import api
from api.app import create_app
from api.settings import Settings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served

Make = Callable[..., Awaitable[str]]


@pytest.fixture(scope="session")
def settings(settings_for: MakeSettings) -> Settings:
    made: Settings = settings_for(Settings, api.__file__)
    return made


@pytest_asyncio.fixture(scope="session")
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The api service, served."""
    async with served(create_app(settings)) as client:
        yield client


@pytest.fixture
def owner(issuer: Issuer) -> dict[str, str]:
    """The headers of somebody new."""
    return issuer.headers("api")


@pytest.fixture
def make_resume(client: httpx.AsyncClient, owner: dict[str, str]) -> Make:
    """Makes a resume of `owner`; its path."""

    async def make(**fields: Any) -> str:
        answer = await client.post("/api/v1/resumes", json={"title": "Ada"} | fields, headers=owner)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    return make
