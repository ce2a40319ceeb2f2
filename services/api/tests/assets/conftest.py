"""Assets on a real S3, with the service on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from uploads import announcement, send

import api
from api.app import create_app
from api.discards import service as discards
from api.settings import Settings
from common.blobs import Blobs
from common.db import Database
from common.testing.fixtures import MakeSettings
from common.testing.processes import S3, Nats
from common.testing.served import served

Uploaded = Callable[..., Awaitable[httpx.Response]]
SMALL = {
    "image_size": 2_000_000,
    "document_size": 1_000_000,
    "assets_total_size": 3_000_000,
    "assets_count": 8,
}


@pytest.fixture(scope="session")
def asset_settings(
    settings_for: MakeSettings, s3: S3, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """With a NATS of its own: replicas on one share the events of jobs, which must be on one database too."""
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    made: Settings = settings_for(Settings, api.__file__, nats_url=nats.url, s3_endpoint=s3.url, **SMALL)
    yield made
    nats.stop()


@pytest_asyncio.fixture(scope="session")
async def stored(asset_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The api service with a storage, in which it looks for what is to go more often than usual."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discards, "LOOK_EVERY", 0.05)
        async with served(create_app(asset_settings)) as client:
            yield client


@pytest_asyncio.fixture(scope="session")
async def twin(asset_settings: Settings, stored: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Another replica of it."""
    async with served(create_app(asset_settings)) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def blobs(asset_settings: Settings, stored: httpx.AsyncClient) -> AsyncIterator[Blobs]:
    blobs = Blobs(asset_settings)
    await blobs.ensure_bucket("resume-assets")
    yield blobs
    await blobs.close()


@pytest_asyncio.fixture(scope="session")
async def rows(asset_settings: Settings) -> AsyncIterator[Database]:
    database = Database(asset_settings.database_url)
    yield database
    await database.close()


@pytest.fixture
def upload(stored: httpx.AsyncClient, owner: dict[str, str], blobs: Blobs) -> Callable[..., Awaitable[str]]:
    """Announces and uploads a file of `owner`: the path of its asset."""

    async def make(data: bytes, **changes: Any) -> str:
        body = announcement(data, **changes)
        made = await stored.post("/api/v1/assets/presign", json=body, headers=owner)
        assert made.status_code == 201, made.text
        assert await send(made.json()["upload"], data) == 200
        return str(made.headers["location"])

    return make


@pytest.fixture
def take(stored: httpx.AsyncClient, owner: dict[str, str], upload: Callable[..., Awaitable[str]]) -> Uploaded:
    """Announces, uploads and completes a file of `owner`: the answer."""

    async def make(data: bytes, *, crop: dict[str, int] | None = None, **changes: Any) -> httpx.Response:
        path = await upload(data, **changes)
        body = None if crop is None else {"crop": crop}
        return await stored.post(f"{path}/complete", json=body, headers=owner)

    return make
