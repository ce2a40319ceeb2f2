"""What a job needs is away: it waits without using up its attempts, and nothing false is kept (RELIABILITY 9, 11)."""

from collections.abc import AsyncIterator

import pytest_asyncio
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor
from processor_standins.platform import Platform, email_job
from processor_standins.storage import Storage

from common.blobs import Blobs
from common.testing.fixtures import eventually
from common.testing.processes import S3, Nats
from common.testing.served import served
from processor.documents.models import RenderedDocument
from processor.settings import Settings


@pytest_asyncio.fixture
async def storage(s3: S3) -> AsyncIterator[Storage]:
    async with Storage(s3.url).open() as storage:
        yield storage


@pytest_asyncio.fixture
async def platform(apart: tuple[Nats, Platform]) -> Platform:
    return apart[1]


@pytest_asyncio.fixture
async def settings(
    apart: tuple[Nats, Platform], processor_settings: MakeProcessorSettings, storage: Storage
) -> Settings:
    return processor_settings(nats_url=apart[0].url, s3_endpoint=storage.url)


async def test_no_result_points_to_an_object_that_is_not_there_when_the_storage_is_down(
    platform: Platform,
    settings: Settings,
    start_processor: StartProcessor,
    storage: Storage,
    api: Api,
    rows: Rows,
    blobs: Blobs,
) -> None:
    async with start_processor(settings) as client:
        storage.down = True
        storage.hang_up()
        job_id = await platform.export(api.version().id)
        await platform.has_state(job_id, "retrying")
        assert await rows(settings, RenderedDocument) == []
        assert (await client.get("/readyz")).status_code == 503
        storage.down = False
        ended = await platform.ended(job_id)
        assert ended.attempt == 1
        assert ended.result is not None
        assert len(await blobs.get(ended.result["bucket"], ended.result["key"])) == ended.result["size"]


async def test_an_upload_that_breaks_off_is_made_again_whole(
    platform: Platform,
    settings: Settings,
    start_processor: StartProcessor,
    storage: Storage,
    api: Api,
    rows: Rows,
    blobs: Blobs,
) -> None:
    async with start_processor(settings):
        storage.cut_after = 8192
        storage.hang_up()
        job_id = await platform.export(api.version().id)
        await platform.has_state(job_id, "retrying")
        assert await rows(settings, RenderedDocument) == []
        storage.cut_after = None
        ended = await platform.ended(job_id)
        assert ended.result is not None
        assert len(await blobs.get(ended.result["bucket"], ended.result["key"])) == ended.result["size"]


async def test_an_export_waits_for_the_api_without_using_up_its_attempts(
    apart: tuple[Nats, Platform],
    platform: Platform,
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
) -> None:
    late = Api()
    version = late.version()
    async with start_processor(processor_settings(nats_url=apart[0].url, api_url=late.url)):
        job_id = await platform.export(version.id)

        async def tried_twice() -> bool:
            return platform.states(job_id).count("retrying") >= 2

        await eventually(tried_twice)
        async with served(late.app(), port=late.port):
            ended = await platform.ended(job_id)
    assert ended.state == "succeeded"
    assert ended.attempt == 1


async def test_the_processor_starts_and_sends_mail_without_storage_or_api(
    apart: tuple[Nats, Platform],
    platform: Platform,
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
) -> None:
    nowhere = "http://127.0.0.1:9"
    settings = processor_settings(nats_url=apart[0].url, s3_endpoint=nowhere, api_url=nowhere)
    async with start_processor(settings) as client:
        missing = (await client.get("/readyz")).json()["missing"]
        assert set(missing) == {"s3"}
        job_id = await platform.publish(email_job("zoe@example.org"))
        assert (await platform.ended(job_id)).state == "succeeded"
