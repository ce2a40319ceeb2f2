from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

import account
from account.app import create_app
from account.settings import Settings
from common.ids import new_id
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served

Registered = Callable[..., Awaitable[UUID]]


@pytest_asyncio.fixture(scope="session")
async def client(settings_for: MakeSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The account service, served."""
    async with served(create_app(settings_for(Settings, account.__file__))) as client:
        yield client


@pytest.fixture(scope="session")
def from_sso(issuer: Issuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.service_token('account', client_id='sso')}"}


@pytest.fixture(scope="session")
def registered(client: httpx.AsyncClient, from_sso: dict[str, str]) -> Registered:
    """Somebody whose registration the SSO has told us of."""

    async def make(**changes: Any) -> UUID:
        user_id = new_id()
        body = {"email": f"{user_id.hex}@example.org", "name": "Ada Lovelace", "locale": "en"} | changes
        answer = await client.put(f"/internal/profiles/{user_id}", json=body, headers=from_sso)
        assert answer.status_code == 204, answer.text
        return user_id

    return make
