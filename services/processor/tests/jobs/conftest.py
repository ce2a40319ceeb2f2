"""Processors whose api and storage can be made to wait."""

from collections.abc import AsyncIterator

import pytest_asyncio
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings
from processor_standins.platform import Platform
from processor_standins.storage import Storage

from common.testing.processes import S3, Nats
from common.testing.served import served
from processor.settings import Settings


@pytest_asyncio.fixture
async def slow_api() -> AsyncIterator[Api]:
    """An api of the test's own, which answers once its gate is opened."""
    api = Api()
    api.gate.clear()
    async with served(api.app(), port=api.port):
        yield api
        api.gate.set()


@pytest_asyncio.fixture
async def storage(s3: S3) -> AsyncIterator[Storage]:
    async with Storage(s3.url).open() as storage:
        yield storage


@pytest_asyncio.fixture
async def own(
    apart: tuple[Nats, Platform], processor_settings: MakeProcessorSettings, slow_api: Api, storage: Storage
) -> tuple[Platform, Settings]:
    """A platform of the test's own, and the settings of processors on it."""
    settings = processor_settings(
        nats_url=apart[0].url,
        api_url=slow_api.url,
        s3_endpoint=storage.url,
        ack_wait=1.0,
        render_workers=1,
        render_jobs=1,
    )
    return apart[1], settings
