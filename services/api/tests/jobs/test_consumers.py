"""Events come twice, late and in any order; the job only moves forward."""

from typing import Any

import httpx
import pytest

from common.ids import new_id
from common.testing.fixtures import eventually

Read = Any


@pytest.fixture
def state_of(client: httpx.AsyncClient, owner: dict[str, str]) -> Any:
    async def read(job_id: str) -> str:
        return str((await client.get(f"/api/v1/jobs/{job_id}", headers=owner)).json()["state"])

    return read


async def until(state_of: Any, job_id: str, state: str) -> None:
    async def reached() -> bool:
        return bool(await state_of(job_id) == state)

    await eventually(reached)


async def settled(make_export: Any, processor: Any, state_of: Any) -> None:
    """Everything that was told before is taken over: events are delivered in order."""
    last = (await make_export())["jobId"]
    for _ in range(3):  # more than there are workers
        await processor.tell(last, 1, "running")
    await until(state_of, last, "running")


async def test_a_late_event_changes_nothing(make_export: Any, processor: Any, state_of: Any) -> None:
    job_id = (await make_export())["jobId"]
    await processor.tell(job_id, 3, "retrying", error="once more", attempt=2)
    await until(state_of, job_id, "retrying")
    await processor.tell(job_id, 1, "running")
    await settled(make_export, processor, state_of)
    assert await state_of(job_id) == "retrying"


async def test_nothing_changes_a_finished_job(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any, state_of: Any
) -> None:
    export = await make_export()
    await processor.succeed(export["jobId"], 2)
    await until(state_of, export["jobId"], "succeeded")
    before = (await client.get(f"/api/v1/jobs/{export['jobId']}", headers=owner)).json()
    await processor.succeed(export["jobId"], 2)
    await processor.tell(export["jobId"], 7, "failed", error="a worker that woke up")
    await processor.tell(export["jobId"], 8, "running")
    await settled(make_export, processor, state_of)
    assert (await client.get(f"/api/v1/jobs/{export['jobId']}", headers=owner)).json() == before
    read = (await client.get(f"/api/v1/exports/{export['exportId']}", headers=owner)).json()
    assert read["downloadUrl"] is not None


async def test_jobs_of_others_and_nonsense_hold_nothing_up(
    make_export: Any, processor: Any, state_of: Any
) -> None:
    await processor.tell(str(new_id()), 1, "succeeded")
    stream = processor._connection.jetstream()
    await stream.publish(f"jobs.event.{new_id()}.running", b"{nonsense")
    await settled(make_export, processor, state_of)


async def test_a_job_tells_its_progress_while_it_runs(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any, state_of: Any
) -> None:
    job_id = (await make_export())["jobId"]
    await processor.tell(job_id, 1, "running")
    await until(state_of, job_id, "running")
    await processor.progress(job_id, 0.3, "rendering")

    async def heard() -> Any:
        read = (await client.get(f"/api/v1/jobs/{job_id}", headers=owner)).json()
        return (read["progress"], read["stage"]) == (0.3, "rendering")

    await eventually(heard)
    await processor.succeed(job_id, 2)
    await until(state_of, job_id, "succeeded")
    read = (await client.get(f"/api/v1/jobs/{job_id}", headers=owner)).json()
    assert (read["progress"], read["stage"], read["attempt"]) == (1.0, "", 1)
