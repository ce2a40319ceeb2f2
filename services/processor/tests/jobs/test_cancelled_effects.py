"""What a cancelled job had begun to store is not kept, whoever began it (RELIABILITY 3, 6)."""

import asyncio
import os
import signal

import msgspec
from processor_standins.api import Api
from processor_standins.kinds import Rows, StartProcess, StartProcessor
from processor_standins.platform import Platform
from processor_standins.queue import is_off_the_queue, opened, stall
from processor_standins.storage import Storage

from common.blobs import Blobs
from common.contracts.jobs import JobCancel
from processor.documents.models import RenderedDocument
from processor.jobs import outcomes
from processor.settings import Settings

KIND = "pdf_generation"


async def stored(blobs: Blobs, job_id: object) -> list[str]:
    return [found.key for found in await blobs.find("resume-exports", f"pdfs/{job_id}/")]


async def test_a_job_that_waits_for_its_next_attempt_is_cancelled(
    own: tuple[Platform, Settings],
    start_processor: StartProcessor,
    slow_api: Api,
    storage: Storage,
    blobs: Blobs,
) -> None:
    platform, settings = own
    slow_api.gate.set()
    async with start_processor(settings):
        storage.down = True
        storage.hang_up()
        job_id = await platform.export(slow_api.version().id)
        await platform.has_state(job_id, "retrying")
        await platform.cancel(job_id)
        await platform.ended(job_id)
        storage.down = False
        await is_off_the_queue(settings, job_id)
    assert platform.states(job_id)[-1] == "cancelled"
    assert await stored(blobs, job_id) == []


async def test_what_was_being_stored_when_the_job_was_cancelled_is_deleted(
    own: tuple[Platform, Settings],
    start_processor: StartProcessor,
    slow_api: Api,
    storage: Storage,
    blobs: Blobs,
    rows: Rows,
) -> None:
    platform, settings = own
    slow_api.gate.set()
    async with start_processor(settings):
        storage.flowing.clear()
        job_id = await platform.export(slow_api.version().id)
        await storage.held()
        await platform.cancel(job_id)
        await platform.ended(job_id)  # while the storage still takes nothing
        storage.flowing.set()
        await is_off_the_queue(settings, job_id)
        assert await stored(blobs, job_id) == []
        assert await rows(settings, RenderedDocument) == []


async def test_the_late_result_of_a_stalled_worker_is_refused_and_leaves_nothing(
    own: tuple[Platform, Settings],
    start_process: StartProcess,
    slow_api: Api,
    storage: Storage,
    blobs: Blobs,
    rows: Rows,
) -> None:
    platform, settings = own
    stalled = await asyncio.to_thread(start_process, settings)
    storage.flowing.clear()
    slow_api.gate.set()
    job_id = await platform.export(slow_api.version().id)
    await storage.held()
    await platform.has_state(job_id, "running")
    await stall(stalled, settings)
    async with opened(settings) as database, database.write() as db:
        assert await outcomes.cancel(db, JobCancel(job_id=job_id, kind=KIND))
    other = await asyncio.to_thread(
        start_process, msgspec.structs.replace(settings, s3_endpoint=_real(storage))
    )
    storage.flowing.set()
    os.kill(stalled.pid, signal.SIGCONT)
    await platform.ended(job_id)
    await is_off_the_queue(settings, job_id)
    assert await asyncio.to_thread(stalled.stop) == 0
    assert platform.states(job_id) == ["running", "cancelled"]
    assert await stored(blobs, job_id) == []
    assert await rows(settings, RenderedDocument) == []
    assert await asyncio.to_thread(other.stop) == 0


def _real(storage: Storage) -> str:
    host, port = storage.target
    return f"http://{host}:{port}"
