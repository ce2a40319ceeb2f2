"""Processors that are killed, stalled or asked to stop in mid-job: real processes (RELIABILITY 1, 3, 4, 13)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcess
from processor_standins.mailbox import Mailbox
from processor_standins.platform import PATIENCE, Platform, email_job
from processor_standins.queue import stall

from common.blobs import Blobs
from common.ids import new_id
from common.outbox import OutboxRow
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from common.testing.served import served
from processor.documents.models import RenderedDocument
from processor.jobs.models import JobStatus
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
async def platform(apart: tuple[Nats, Platform]) -> Platform:
    return apart[1]


@pytest_asyncio.fixture
async def settings(
    apart: tuple[Nats, Platform], processor_settings: MakeProcessorSettings, slow_api: Api
) -> Settings:
    return processor_settings(nats_url=apart[0].url, api_url=slow_api.url)


async def asked(api: Api, *, times: int = 1) -> None:
    """Wait until a processor is in the middle of a job: it has asked for the version."""

    async def enough() -> bool:
        return len(api.asked) >= times

    await eventually(enough, within=PATIENCE)


async def nothing_to_send(rows: Rows, settings: Settings) -> None:
    async def empty() -> bool:
        return not await rows(settings, OutboxRow)

    await eventually(empty, within=PATIENCE)


async def test_a_job_whose_processor_is_killed_finishes_once_in_another(
    platform: Platform,
    settings: Settings,
    start_process: StartProcess,
    slow_api: Api,
    blobs: Blobs,
    rows: Rows,
) -> None:
    settings = msgspec.structs.replace(settings, ack_wait=1.0)
    killed = await asyncio.to_thread(start_process, settings)
    job_id = await platform.export(slow_api.version().id)
    await asked(slow_api)
    killed.kill()
    slow_api.gate.set()
    await asyncio.to_thread(start_process, settings)
    ended = await platform.ended(job_id)
    assert platform.states(job_id) == ["running", "retrying", "running", "succeeded"]
    assert ended.attempt == 2
    assert ended.result is not None
    assert await blobs.get(ended.result["bucket"], ended.result["key"])
    assert len(await rows(settings, RenderedDocument)) == 1
    await platform.is_idle("pdf_generation")


async def test_a_stalled_processor_that_wakes_up_changes_nothing(
    platform: Platform, settings: Settings, start_process: StartProcess, slow_api: Api, rows: Rows
) -> None:
    settings = msgspec.structs.replace(settings, ack_wait=1.0)
    stalled = await asyncio.to_thread(start_process, settings)
    job_id = await platform.export(slow_api.version().id)
    await asked(slow_api)
    await nothing_to_send(rows, settings)
    await stall(stalled, settings)
    slow_api.gate.set()
    await asyncio.to_thread(start_process, settings)

    async def taken_over() -> JobStatus | None:
        [status] = await rows(settings, JobStatus)
        return status if status.state == "succeeded" else None

    before = await eventually(taken_over, within=PATIENCE)
    assert before.attempt == 2
    os.kill(stalled.pid, signal.SIGCONT)
    await platform.ended(job_id)
    assert await asyncio.to_thread(stalled.stop) == 0
    [after] = await rows(settings, JobStatus)
    assert (after.seq, after.attempt, after.result) == (before.seq, before.attempt, before.result)
    assert platform.states(job_id) == ["running", "retrying", "running", "succeeded"]


async def test_sigterm_finishes_what_runs_and_gives_the_rest_back(
    platform: Platform, settings: Settings, start_process: StartProcess, slow_api: Api
) -> None:
    first = await asyncio.to_thread(start_process, settings)
    jobs = [await platform.export(slow_api.version().id) for _ in range(5)]
    await asked(slow_api, times=settings.render_jobs)
    os.kill(first.pid, signal.SIGTERM)
    await asyncio.sleep(0.5)
    slow_api.gate.set()
    assert await asyncio.to_thread(first.stop) == 0
    done = [job_id for job_id in jobs if "succeeded" in platform.states(job_id)]
    assert len(done) == settings.render_jobs
    assert len(slow_api.asked) == settings.render_jobs
    await asyncio.to_thread(start_process, settings)
    for job_id in jobs:
        assert (await platform.ended(job_id)).attempt == 1
        assert [state for state in platform.states(job_id) if state != "queued"] == ["running", "succeeded"]


async def test_a_job_that_outlasts_the_grace_is_given_back_and_costs_no_attempt(
    platform: Platform,
    settings: Settings,
    start_process: StartProcess,
    slow_api: Api,
) -> None:
    hasty = msgspec.structs.replace(settings, shutdown_grace=0.3)
    first = await asyncio.to_thread(start_process, hasty)
    job_id = await platform.export(slow_api.version().id)
    await asked(slow_api)
    assert await asyncio.to_thread(first.stop) == 0
    slow_api.gate.set()
    await asyncio.to_thread(start_process, hasty)
    assert (await platform.ended(job_id)).attempt == 1
    assert platform.states(job_id) == ["running", "queued", "running", "succeeded"]


async def test_a_processor_that_cannot_start_says_why(
    settings: Settings, start_process: StartProcess, tmp_path: Path
) -> None:
    empty = msgspec.structs.replace(settings, database_url=f"sqlite+aiosqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(RuntimeError, match="run `python -m processor migrate` first"):
        await asyncio.to_thread(start_process, empty)


async def test_a_restarted_broker_loses_no_job(
    apart: tuple[Nats, Platform],
    settings: Settings,
    start_process: StartProcess,
    slow_api: Api,
    mailbox: Mailbox,
) -> None:
    broker, platform = apart
    address = f"{new_id().hex}@example.org"
    process = await asyncio.to_thread(start_process, settings)
    job_id = await platform.export(slow_api.version().id)
    await asked(slow_api)
    broker.kill()
    slow_api.gate.set()
    await asyncio.sleep(0.5)  # it ends while there is no broker: its event waits in the outbox
    broker.start()
    assert (await platform.ended(job_id)).state == "succeeded"
    assert platform.states(job_id) == ["running", "succeeded"]
    mail = email_job(address)
    await platform.publish(mail)
    await platform.ended(mail.id)
    assert len(mailbox.to(address)) == 1
    log = process.output()
    assert address not in log
    assert "s3cret-token" not in log
    assert await asyncio.to_thread(process.stop) == 0
