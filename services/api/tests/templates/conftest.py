from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from publishing import publish

import api
from api.app import create_app
from api.settings import Settings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import S3, Nats
from common.testing.served import served


@pytest_asyncio.fixture
async def catalogue(
    settings_for: MakeSettings, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer, s3: S3
) -> AsyncIterator[httpx.AsyncClient]:
    """A service of its own with a few templates: what is published changes what the others may choose."""
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        settings: Settings = settings_for(Settings, api.__file__, nats_url=nats.url, s3_endpoint=s3.url)
        async with served(create_app(settings)) as client:
            for name, version in (("classic", 1), ("classic", 2), ("modern", 1), ("classic", 2)):
                await publish(client, issuer, name, version)
            yield client
    finally:
        nats.stop()
