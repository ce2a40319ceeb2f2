"""The processor is killed at every step of a job, while its broker restarts or its storage is away: nothing that was
accepted is lost, nothing is done twice, nothing is left behind (RELIABILITY 1, 2, 7, 9)."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, Spawn
from processor_standins.platform import Platform, export_job
from processor_standins.storage import Storage

from common.blobs import Blobs
from common.contracts.jobs import FINAL_STATES
from common.db import Database
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from processor.documents.addresses import BUCKET
from processor.documents.sweeping import Sweeper
from processor.jobs.models import JobStatus
from processor.settings import Settings

STEPS = ["acked", "claimed", "fetching", "rendering", "storing", "committed"]
"""Each is died at once, in this order: a queue of jobs is worked off by seven processes, one after the other."""
EXPORTS = 8
AWAY_FOR = 1.0
"""Seconds that the broker or the storage is away, while the processor starts again."""
DEADLY = """
import os, runpy, signal, sys
from pathlib import Path
from processor.jobs import steps

plan = Path(sys.argv[1])

def die(step, job_id):
    left = plan.read_text().split()
    if left[:1] == [step]:
        plan.write_text(" ".join(left[1:]))
        os.kill(os.getpid(), signal.SIGKILL)

steps.listeners.append(die)
sys.argv = ["processor", "serve"]
runpy.run_module("processor", run_name="__main__")
"""


@pytest.mark.parametrize("disturbed", ["nothing", "nats", "s3"])
async def test_whatever_step_it_is_killed_at_each_job_has_one_end_and_one_file(
    disturbed: str,
    apart: tuple[Nats, Platform],
    storage: Storage,
    api: Api,
    processor_settings: MakeProcessorSettings,
    spawn: Spawn,
    rows: Rows,
    tmp_path: Path,
) -> None:
    broker, platform = apart
    settings = processor_settings(
        nats_url=broker.url, s3_endpoint=storage.url, ack_wait=1.0, render_workers=1, render_jobs=1
    )
    accepted = await _accept(platform, api)
    plan = tmp_path / "plan"
    plan.write_text(" ".join(STEPS))
    process = await asyncio.to_thread(spawn, settings, ["-c", DEADLY, str(plan)])
    while plan.read_text() or not process.is_running:  # it may die again while something is away
        await asyncio.to_thread(process.wait)
        if disturbed == "nats":
            broker.kill()
        storage.down = disturbed == "s3"
        process.launch()
        if disturbed != "nothing":
            await asyncio.sleep(AWAY_FOR)
        storage.down = False
        if disturbed == "nats":
            await asyncio.to_thread(broker.start)

    async def ended() -> dict[UUID, JobStatus] | None:
        jobs = {row.job_id: row for row in await rows(settings, JobStatus)}
        awaited = [jobs.get(job_id) for job_id in (*accepted["exports"], accepted["dead"])]
        return jobs if all(job is not None and job.is_final for job in awaited) else None

    jobs = await eventually(ended, within=90)
    assert {jobs[job_id].state for job_id in accepted["exports"]} == {"succeeded"}
    assert (jobs[accepted["dead"]].state, jobs[accepted["later"]].state) == ("failed", "scheduled")
    assert len(jobs) == EXPORTS + 2, "accepted = succeeded + dead + pending"
    for job_id in jobs:
        told = [event for event in platform.events[job_id] if event.state in FINAL_STATES]
        assert len(told) <= 1, "a job ends once"
    files = {jobs[job_id].result["key"] for job_id in accepted["exports"]}
    await _one_file_each(settings, jobs, files)


async def _accept(platform: Platform, api: Api) -> dict[str, Any]:
    """Exports, which may be cut short more often than jobs usually are, one that can never succeed, and one that is for
    tomorrow."""
    exports = [msgspec.structs.replace(export_job(api.version().id), max_attempts=20) for _ in range(EXPORTS)]
    later = msgspec.structs.replace(export_job(api.version().id), run_at=now() + timedelta(days=1))
    return {
        "exports": [await platform.publish(job) for job in exports],
        "dead": await platform.export(new_id()),
        "later": await platform.publish(later),
    }


async def _one_file_each(settings: Settings, jobs: Collection[UUID], keys: set[str]) -> None:
    blobs, database = Blobs(settings), Database(settings.database_url)
    try:
        await Sweeper(database, blobs, jobs_kept=timedelta(days=30)).delete_orphans(
            at=now() + timedelta(days=2)
        )
        found = [blob.key for job_id in jobs for blob in await blobs.find(BUCKET, f"pdfs/{job_id}/")]
        assert sorted(found) == sorted(keys), "one file a job, and no orphan"
    finally:
        await blobs.close()
        await database.close()
