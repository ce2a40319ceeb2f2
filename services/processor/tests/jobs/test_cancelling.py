"""A job is cancelled whatever state it is in, and nothing brings it back (RELIABILITY 3, 6)."""

import asyncio
import random
from uuid import UUID

import msgspec
from processor_standins.api import Api
from processor_standins.kinds import Rows, StartProcess, StartProcessor
from processor_standins.platform import PATIENCE, Platform, export_job

from common.blobs import Blobs
from common.contracts.jobs import JobCancel
from common.ids import new_id
from common.testing.fixtures import eventually
from processor.jobs.models import JobStatus
from processor.settings import Settings

KIND = "pdf_generation"


async def asked(api: Api, *, times: int = 1) -> None:
    async def enough() -> bool:
        return len(api.asked) >= times

    await eventually(enough, within=PATIENCE)


async def stored(blobs: Blobs, job_id: object) -> list[str]:
    return [found.key for found in await blobs.find("resume-exports", f"pdfs/{job_id}/")]


async def test_a_job_cancelled_before_its_message_came_is_never_begun(
    platform: Platform, api: Api, blobs: Blobs
) -> None:
    job = export_job(api.version().id)
    await platform.cancel(job.id)
    ended = await platform.ended(job.id)
    assert (ended.state, ended.seq) == ("cancelled", 1)
    before = len(api.asked)
    await platform.publish(job)
    await platform.is_idle(KIND)
    assert platform.states(job.id) == ["cancelled"]
    assert len(api.asked) == before
    assert await stored(blobs, job.id) == []


async def test_a_running_job_stops_at_once_and_its_worker_does_the_next(
    own: tuple[Platform, Settings], start_processor: StartProcessor, slow_api: Api, blobs: Blobs
) -> None:
    platform, settings = own
    async with start_processor(settings):
        job_id = await platform.export(slow_api.version().id)
        await asked(slow_api)
        await platform.cancel(job_id)
        await platform.ended(job_id)  # while the api still answers nobody
        await platform.is_idle(KIND)
        following = await platform.export(slow_api.version().id)
        await asked(slow_api, times=2)
        slow_api.gate.set()
        assert (await platform.ended(following)).state == "succeeded"
    assert platform.states(job_id) == ["running", "cancelled"]
    assert await stored(blobs, job_id) == []


async def test_a_job_that_another_process_runs_stops_at_once(
    own: tuple[Platform, Settings], start_process: StartProcess, slow_api: Api
) -> None:
    platform, settings = own
    settings = msgspec.structs.replace(settings, ack_wait=10.0)  # neither takes the other for dead
    for _ in range(2):
        await asyncio.to_thread(start_process, settings)
    jobs = [await platform.export(slow_api.version().id) for _ in range(2)]
    await asked(slow_api, times=2)  # one each
    for job_id in jobs:
        await platform.cancel(job_id)
    for job_id in jobs:
        await platform.ended(job_id)  # while the api still answers nobody
        assert platform.states(job_id)[-2:] == ["running", "cancelled"]
    await platform.is_idle(KIND)


async def test_a_finished_job_is_not_cancelled_any_more(
    platform: Platform, api: Api, blobs: Blobs, rows: Rows, settings: Settings
) -> None:
    job_id = await platform.export(api.version().id)
    await platform.ended(job_id)
    await platform.cancel(job_id)
    await platform.is_idle("cancel")
    other = new_id()
    await platform.cancel(other)
    await platform.ended(other)  # events leave in order
    assert platform.states(job_id) == ["running", "succeeded"]
    assert len(await stored(blobs, job_id)) == 1
    [status] = [row for row in await rows(settings, JobStatus) if row.job_id == job_id]
    assert status.state == "succeeded"


async def test_cancelling_twice_is_cancelling_once(platform: Platform) -> None:
    job_id = new_id()
    for _ in range(3):
        await platform.cancel(job_id)
    await platform.is_idle("cancel")
    await platform.ended(job_id)
    assert [(event.seq, event.state) for event in platform.events[job_id]] == [(1, "cancelled")]


async def test_a_cancel_waits_for_a_processor_that_is_down(
    own: tuple[Platform, Settings], start_process: StartProcess, slow_api: Api, blobs: Blobs
) -> None:
    platform, settings = own
    first = await asyncio.to_thread(start_process, settings)
    job_id = await platform.export(slow_api.version().id)
    await asked(slow_api)
    first.kill()
    await platform.cancel(job_id)
    await asyncio.to_thread(start_process, settings)
    await platform.ended(job_id)
    slow_api.gate.set()
    await platform.is_idle(KIND)
    assert platform.states(job_id)[-1] == "cancelled"
    assert platform.states(job_id).count("cancelled") == 1
    assert await stored(blobs, job_id) == []


async def test_cancel_and_success_race_to_one_end(platform: Platform, api: Api, blobs: Blobs) -> None:
    jobs = [export_job(api.version().id) for _ in range(30)]

    async def cancel_later(job_id: UUID) -> None:
        await asyncio.sleep(random.uniform(0, 0.3))
        await platform.cancel(job_id)

    await platform.cancel(jobs[0].id)
    await platform.ended(jobs[0].id)  # one at least is cancelled, however long the others take
    cancels = [asyncio.create_task(cancel_later(job.id)) for job in jobs[1:]]
    for job in jobs:
        await platform.publish(job)
    await asyncio.gather(*cancels)
    ends = {job.id: (await platform.ended(job.id)).state for job in jobs}
    await platform.is_idle(KIND)
    await platform.is_idle("cancel")
    last = new_id()
    await platform.cancel(last)
    await platform.ended(last)
    for job in jobs:
        finals = [
            state for state in platform.states(job.id) if state not in {"running", "retrying", "queued"}
        ]
        assert finals == [ends[job.id]]
        assert len(await stored(blobs, job.id)) == (1 if ends[job.id] == "succeeded" else 0)
    assert set(ends.values()) <= {"succeeded", "cancelled"}
    assert "cancelled" in ends.values()


async def test_nonsense_holds_no_cancel_up(platform: Platform) -> None:
    await platform.bus.publish(JobCancel.SUBJECT, b"{nonsense")
    job_id = new_id()
    await platform.cancel(job_id)
    assert (await platform.ended(job_id)).state == "cancelled"
