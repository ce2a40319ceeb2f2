"""Cancelling over HTTP: the request reaches the processor, and the job is cancelled when that says so (RELIABILITY 6)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import nats as nats_py
import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from common.contracts.jobs import JobCancel
from common.ids import new_id
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer
from common.testing.processes import Nats


class Requests:
    """The requests to cancel that have reached the queue."""

    def __init__(self) -> None:
        self.seen: list[JobCancel] = []

    def of(self, job_id: str) -> list[JobCancel]:
        return [request for request in self.seen if request.job_id == UUID(job_id)]

    async def take(self, message: Msg) -> None:
        self.seen.append(msgspec.json.decode(message.data, type=JobCancel))

    async def reached(self, job_id: str) -> None:
        async def found() -> bool:
            return bool(self.of(job_id))

        await eventually(found)


@pytest_asyncio.fixture
async def requests(nats: Nats, client: httpx.AsyncClient) -> AsyncIterator[Requests]:
    connection, requests = await nats_py.connect(nats.url), Requests()
    await connection.subscribe(JobCancel.SUBJECT, cb=requests.take)
    await connection.flush()
    yield requests
    await connection.close()


@pytest.fixture
def cancel(client: httpx.AsyncClient, owner: dict[str, str]) -> Any:
    async def post(job_id: str) -> httpx.Response:
        return await client.post(f"/api/v1/jobs/{job_id}/cancel", headers=owner)

    return post


@pytest.fixture
def read(client: httpx.AsyncClient, owner: dict[str, str]) -> Any:
    async def get(path: str) -> dict[str, Any]:
        return dict((await client.get(f"/api/v1/{path}", headers=owner)).json())

    return get


@pytest.fixture
def has_state(read: Any) -> Any:
    async def until(job_id: str, state: str) -> None:
        async def reached() -> bool:
            return bool((await read(f"jobs/{job_id}"))["state"] == state)

        await eventually(reached, within=5)

    return until


async def test_a_job_is_cancelled_when_the_processor_says_so(
    make_export: Any,
    cancel: Any,
    read: Any,
    requests: Requests,
    processor: Any,
    has_state: Any,
    owner_id: UUID,
) -> None:
    export = await make_export()
    answer = await cancel(export["jobId"])
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    await requests.reached(export["jobId"])
    [wanted] = requests.of(export["jobId"])
    assert (wanted.kind, wanted.user_id) == ("pdf_generation", owner_id)
    assert (await read(f"jobs/{export['jobId']}"))["state"] == "queued"
    await processor.tell(export["jobId"], 1, "cancelled")
    await has_state(export["jobId"], "cancelled")
    found = await read(f"exports/{export['exportId']}")
    assert (found["status"], found["downloadUrl"]) == ("cancelled", None)


async def test_a_cancelled_job_can_be_cancelled_again_to_no_effect(
    make_export: Any, cancel: Any, requests: Requests, processor: Any, has_state: Any
) -> None:
    job_id = (await make_export())["jobId"]
    await processor.tell(job_id, 1, "cancelled")
    await has_state(job_id, "cancelled")
    answer = await cancel(job_id)
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    other = (await make_export())["jobId"]
    await cancel(other)
    await requests.reached(other)
    assert requests.of(job_id) == []


async def test_a_job_that_succeeds_before_it_is_cancelled_stays_so(
    make_export: Any, cancel: Any, read: Any, processor: Any, has_state: Any
) -> None:
    export = await make_export()
    assert (await cancel(export["jobId"])).status_code == 202
    await processor.succeed(export["jobId"], 2)
    await has_state(export["jobId"], "succeeded")
    await processor.tell(export["jobId"], 3, "cancelled")
    refused = await cancel(export["jobId"])
    assert (refused.status_code, refused.json()["code"]) == (409, "JOB_FINISHED")
    found = await read(f"exports/{export['exportId']}")
    assert found["status"] == "succeeded"
    assert found["downloadUrl"]


async def test_a_cancelled_job_never_succeeds(
    make_export: Any, cancel: Any, read: Any, processor: Any, has_state: Any
) -> None:
    export, last = await make_export(), await make_export()
    await cancel(export["jobId"])
    await processor.tell(export["jobId"], 1, "cancelled")
    await has_state(export["jobId"], "cancelled")
    await processor.succeed(export["jobId"], 2)
    for _ in range(3):  # more than there are workers
        await processor.tell(last["jobId"], 1, "running")
    await has_state(last["jobId"], "running")
    found = await read(f"exports/{export['exportId']}")
    assert (found["status"], found["downloadUrl"]) == ("cancelled", None)


async def test_whoever_follows_a_job_sees_that_it_was_cancelled(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, cancel: Any, processor: Any
) -> None:
    job_id = (await make_export())["jobId"]

    async def follow() -> str:
        answer = await client.get(f"/api/v1/jobs/{job_id}/events", headers=owner)  # all of it, until it ends
        return answer.text

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.1)
    await cancel(job_id)
    await processor.tell(job_id, 1, "cancelled")
    text = await asyncio.wait_for(following, 2)
    assert '"state":"cancelled"' in text
    assert text.rstrip().splitlines()[-3].startswith("id: 1")


async def test_somebody_elses_job_is_not_there_to_cancel(
    client: httpx.AsyncClient, issuer: Issuer, make_export: Any, requests: Requests, cancel: Any
) -> None:
    """SECURITY 22."""
    job_id = (await make_export())["jobId"]
    path = f"/api/v1/jobs/{job_id}/cancel"
    assert (await client.post(path, headers=issuer.headers("api"))).status_code == 404
    assert (await client.post(path)).status_code == 401
    assert (
        await client.post(f"/api/v1/jobs/{new_id()}/cancel", headers=issuer.headers("api"))
    ).status_code == 404
    own = (await make_export())["jobId"]
    await cancel(own)
    await requests.reached(own)
    assert requests.of(job_id) == []
