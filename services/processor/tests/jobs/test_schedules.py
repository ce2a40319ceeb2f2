"""Jobs for later, and jobs beyond what the queue holds: kept while nobody is here, begun when it is time."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, StartProcessor
from processor_standins.platform import PATIENCE, Platform, email_job, export_job
from processor_standins.queue import opened

from common.contracts.jobs import Job, run_subject
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from processor.jobs import intake
from processor.jobs.models import QueuedJob
from processor.settings import Settings

KIND = "pdf_generation"
ONE_AT_A_TIME: dict[str, Any] = {"render_workers": 1, "render_jobs": 1, "shutdown_grace": 0.2}
"""The settings of a processor in which exports wait for each other, and which does not wait for the one that it is at."""


async def test_a_scheduled_job_is_begun_once_when_it_is_time_also_after_a_restart(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    api: Api,
) -> None:
    broker, platform = apart
    settings = processor_settings(nats_url=broker.url)
    async with start_processor(settings):
        later = now() + timedelta(hours=1)
        soon, never = (msgspec.structs.replace(export_job(api.version().id), run_at=later) for _ in range(2))
        for job in (soon, never):
            await platform.publish(job)
            await platform.has_state(job.id, "scheduled")
        await platform.cancel(never.id)
        await platform.ended(never.id)
    await _let_an_hour_pass(settings, soon)
    async with start_processor(settings), start_processor(settings):  # two look for what is due
        await platform.ended(soon.id)
    assert [state for state in platform.states(soon.id) if state != "queued"] == [
        "scheduled",
        "running",
        "succeeded",
    ]
    assert platform.states(never.id) == ["scheduled", "cancelled"]
    assert [event.run_at for event in platform.events[soon.id]][:1] == [later]


async def _let_an_hour_pass(settings: Settings, job: Job) -> None:
    async with opened(settings) as database, database.write() as db:
        row = await db.get_one(QueuedJob, job.id)
        assert row.due_at == job.run_at, "it has not been touched before"
        row.due_at = now()


async def test_the_stream_keeps_what_the_queue_does_not_hold(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    slow_api: Api,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # RELIABILITY 12
    monkeypatch.setattr(intake, "LOOK_AGAIN", 0.05)
    broker, platform = apart
    settings = processor_settings(nats_url=broker.url, api_url=slow_api.url, queue_limit=5, **ONE_AT_A_TIME)
    async with start_processor(settings):
        jobs = [await platform.export(slow_api.version().id) for _ in range(150)]

        async def is_full() -> bool:
            return await platform.left(KIND) <= 150 - 5

        await eventually(is_full, within=PATIENCE)
        await asyncio.sleep(0.3)  # some times as long as it takes to look again
        assert await platform.left(KIND) >= 50, "one batch was taken in, and the rest waits"
        slow_api.gate.set()
        for job_id in jobs[:20]:
            assert (await platform.ended(job_id)).state == "succeeded"


async def test_many_jobs_for_later_or_before_others_keep_out_nothing_that_somebody_waits_for(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    slow_api: Api,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who fills the queue keeps nobody from signing in by mail, nor from the one export that is wanted now."""
    monkeypatch.setattr(intake, "BATCH", 3)
    broker, platform = apart
    settings = processor_settings(nats_url=broker.url, api_url=slow_api.url, queue_limit=2, **ONE_AT_A_TIME)
    tomorrow = now() + timedelta(days=1)
    async with start_processor(settings):
        for job in [msgspec.structs.replace(export_job(new_id()), run_at=tomorrow) for _ in range(5)]:
            await platform.publish(job)
            await platform.has_state(job.id, "scheduled")
        for _ in range(15):  # the one worker is at one of them for as long as the api is slow
            await platform.export(slow_api.version().id)

        async def is_full() -> bool:
            return 0 < await platform.left(KIND) <= 15 - 3

        async def is_let_in() -> bool:
            return not await platform.left_on(run_subject(KIND, "interactive"))

        await eventually(is_full, within=PATIENCE)
        for job in [export_job(slow_api.version().id) for _ in range(4)]:
            await platform.publish(msgspec.structs.replace(job, priority="interactive"))
        await eventually(is_let_in, within=PATIENCE)
        mail = email_job(f"{new_id().hex}@example.org")
        await platform.publish(mail)
        assert (await platform.ended(mail.id)).state == "succeeded"
        assert await platform.left(KIND) > 0, "and the queue is still full"


async def test_what_is_no_job_is_buried_and_the_others_go_on(platform: Platform, api: Api) -> None:
    stream = platform.bus.jetstream
    before = (await stream.stream_info("JOBS_DLQ")).state.messages
    good = export_job(api.version().id)
    wrong_kind = msgspec.json.encode(msgspec.structs.replace(export_job(api.version().id), kind="email"))
    for bad in (b"", b"\xff\x00", b"[]", b'{"id": 1}', wrong_kind):
        headers = {"Nats-Msg-Id": new_id().hex}
        await platform.bus.publish(run_subject("pdf_generation"), bad, headers=headers)
    await platform.publish(good)
    assert (await platform.ended(good.id)).state == "succeeded"
    await platform.is_idle("pdf_generation")

    async def buried() -> bool:
        return (await stream.stream_info("JOBS_DLQ")).state.messages == before + 5

    await eventually(buried, within=PATIENCE)
    letter = await stream.get_last_msg("JOBS_DLQ", "jobs.dead.pdf_generation")
    assert letter.headers is not None
    assert letter.headers["X-Dead-Reason"] == "not a job of this kind"
