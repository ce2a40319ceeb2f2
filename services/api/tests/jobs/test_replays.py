"""A failed job that staff replay goes on, for its owner too: seen over HTTP, on its export and in its stream."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.ids import now
from common.testing.fixtures import eventually

Read = Any


@pytest.fixture
def read(client: httpx.AsyncClient, owner: dict[str, str]) -> Read:
    async def get(path: str) -> dict[str, Any]:
        answer = await client.get(f"/api/v1{path}", headers=owner)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return get


async def until(read: Read, job_id: str, state: str) -> dict[str, Any]:
    async def reached() -> Any:
        job = await read(f"/jobs/{job_id}")
        return job if job["state"] == state else None

    return dict(await eventually(reached))


async def test_a_failed_job_goes_on_when_it_is_replayed(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any, read: Read
) -> None:
    export = await make_export()
    job_id = export["jobId"]
    await processor.tell(job_id, 2, "failed", error="It was refused.", attempt=5)
    await until(read, job_id, "failed")
    ended = await client.get(f"/api/v1/jobs/{job_id}/events", headers=owner | {"Last-Event-ID": "2"})
    assert ended.status_code == 204, "nothing more was to come"
    await processor.tell(job_id, 3, "queued", attempt=0)
    replayed = await until(read, job_id, "queued")
    assert (replayed["error"], replayed["attempt"]) == (None, 0)
    async with client.stream(
        "GET", f"/api/v1/jobs/{job_id}/events", headers=owner | {"Last-Event-ID": "2"}
    ) as stream:
        assert stream.status_code == 200, "the stream goes on after the failure"
        await processor.tell(job_id, 4, "running")
        await processor.succeed(job_id, 5)
        text = "".join([chunk async for chunk in stream.aiter_text()])
    assert '"state":"succeeded"' in text
    assert (await read(f"/exports/{export['exportId']}"))["downloadUrl"] is not None


async def test_what_a_stalled_worker_says_after_a_failure_begins_nothing(
    make_export: Any, processor: Any, read: Read
) -> None:
    job_id = (await make_export())["jobId"]
    await processor.tell(job_id, 2, "failed", error="It was refused.")
    await until(read, job_id, "failed")
    await processor.tell(job_id, 3, "running")
    await processor.succeed(job_id, 4)
    last = (await make_export())["jobId"]
    await processor.tell(last, 1, "running")
    await until(read, last, "running")
    assert (await read(f"/jobs/{job_id}"))["state"] == "failed"


async def test_a_job_says_when_it_goes_on(make_export: Any, processor: Any, read: Read) -> None:
    job_id = (await make_export())["jobId"]
    later = (now() + timedelta(hours=1)).replace(microsecond=0)
    await processor.tell(job_id, 1, "scheduled", run_at=later)
    job = await until(read, job_id, "scheduled")
    assert job["runAt"] == later.isoformat().replace("+00:00", "Z")
    await processor.tell(job_id, 2, "queued")
    assert (await until(read, job_id, "queued"))["runAt"] is None


async def test_people_list_their_own_jobs_newest_first(
    client: httpx.AsyncClient,
    issuer_headers: dict[str, str],
    make_export: Any,
    processor: Any,
    read: Read,
) -> None:
    made = [(await make_export(format=format))["jobId"] for format in ("pdf", "docx", "pdf")]
    await processor.succeed(made[0], 1)
    await until(read, made[0], "succeeded")
    first = await read("/jobs?limit=2")
    assert [job["id"] for job in first["items"]] == [made[2], made[1]]
    following = await read(f"/jobs?limit=2&cursor={first['nextCursor']}")
    assert following["items"][0]["id"] == made[0]
    assert made[0] in [job["id"] for job in (await read("/jobs?state=succeeded"))["items"]]
    assert {job["kind"] for job in (await read("/jobs?kind=export"))["items"]} == {"export"}
    others = await client.get("/api/v1/jobs", headers=issuer_headers)
    assert others.json()["items"] == [], "somebody else sees none of them"
