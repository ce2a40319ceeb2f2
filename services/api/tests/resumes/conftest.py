from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from publishing import OPTIONS, publish

import api
from api.app import create_app
from api.settings import Settings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import Nats
from common.testing.served import served

PATH = "/api/v1/resumes"
DIRECTIONS = {"type": "enum", "label": "Direction", "default": "auto", "values": ["auto", "ltr", "rtl"]}


class Resumes:
    """What a person does with resumes, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, owner: dict[str, str]) -> None:
        self.client, self.owner = client, owner

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = self.owner | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, json=body, headers=named)

    async def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def make(self, title: str = "Ada", **fields: Any) -> str:
        """The path of a new resume."""
        made = await self.call("POST", PATH, {"title": title} | fields)
        assert made.status_code == 201, made.text
        return str(made.headers["location"])

    async def read(self, path: str) -> Any:
        return await self.done("GET", path)

    async def page(self, **params: Any) -> Any:
        answer = await self.client.get(PATH, params=params, headers=self.owner)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def titles(self, **params: Any) -> list[str]:
        """The titles of all pages of a list."""
        found, cursor = [], None
        while True:
            page = await self.page(**params, **({"cursor": cursor} if cursor else {}))
            found += [item["title"] for item in page["items"]]
            cursor = page["nextCursor"]
            if cursor is None:
                return found


@pytest.fixture
def resumes(client: httpx.AsyncClient, owner: dict[str, str]) -> Resumes:
    return Resumes(client, owner)


@pytest.fixture
def others(client: httpx.AsyncClient, issuer: Issuer) -> Resumes:
    """Somebody else."""
    return Resumes(client, issuer.headers("api"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def catalogue(
    settings_for: MakeSettings, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> AsyncIterator[httpx.AsyncClient]:
    """A service of its own that knows templates."""
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        settings: Settings = settings_for(Settings, api.__file__, nats_url=nats.url)
        async with served(create_app(settings)) as client:
            options = OPTIONS | {"direction": DIRECTIONS}
            await publish(client, issuer, "classic", 1, pageSizes=["a4", "us-letter"], options=options)
            await publish(client, issuer, "narrow", 1, pageSizes=["a5"], options={})
            await publish(client, issuer, "letter", 1, kinds=["cover-letter"])
            yield client
    finally:
        nats.stop()


@pytest.fixture
def designed(catalogue: httpx.AsyncClient, owner: dict[str, str]) -> Resumes:
    """A person on the service that knows templates."""
    return Resumes(catalogue, owner)
