"""The service as a process: what it accepted outlives it, and it leaves when it is told to (RELIABILITY 1, 13)."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec
import nats as nats_py
import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

import api
from common.contracts.jobs import ExportJob, JobEvent, JobState, event_subject, run_subject
from common.ids import now
from common.testing.fixtures import KEY, eventually
from common.testing.issuer import Issuer
from common.testing.ports import free_port
from common.testing.processes import Nats, Process, accepts


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    yield nats
    nats.stop()


@pytest_asyncio.fixture
async def running(
    broker: Nats, issuer: Issuer, migrated: Callable[[str], str]
) -> AsyncIterator[tuple[httpx.AsyncClient, Process]]:
    port = free_port()
    environ = dict(os.environ) | {
        "RESUMAX_ENVIRONMENT": "test",
        "RESUMAX_PUBLIC_URL": issuer.url,
        "RESUMAX_NATS_URL": broker.url,
        "RESUMAX_S3_ENDPOINT": "http://127.0.0.1:9",
        "RESUMAX_S3_ACCESS_KEY": "a",
        "RESUMAX_S3_SECRET_KEY": "b",
        **{f"RESUMAX_{n}_URL": issuer.url for n in ("SSO", "API", "ACCOUNT", "ADMIN", "PROCESSOR")},
        "API_PORT": str(port),
        "API_DATABASE_URL": migrated(api.__file__),
        "API_CLIENT_SECRET": "test-client-secret",
        "API_WEBHOOK_KEY": KEY.reveal(),
    }
    process = Process([sys.executable, "-m", "api", "serve"], ready=lambda: accepts(port), env=environ)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        await asyncio.to_thread(process.start)
        yield client, process
        assert await asyncio.to_thread(process.stop) == 0, process.output()


async def export(client: httpx.AsyncClient, owner: dict[str, str]) -> str:
    """The job of a new export."""
    resume = (await client.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()
    body = {"resumeId": resume["id"], "format": "pdf"}
    answer = await client.post("/api/v1/exports", json=body, headers=owner)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["jobId"])


async def test_an_accepted_export_outlives_a_kill(
    running: tuple[httpx.AsyncClient, Process], broker: Nats, owner: dict[str, str]
) -> None:
    client, process = running
    broker.kill()
    job_id = await export(client, owner)
    process.kill()
    broker.start()
    await asyncio.to_thread(process.start)
    connection = await nats_py.connect(broker.url)

    async def queued() -> bool:
        try:
            message = await connection.jetstream().get_last_msg(
                "JOBS", run_subject(ExportJob.KIND, "interactive")
            )
        except NotFoundError:
            return False
        return job_id.encode() in (message.data or b"")

    await eventually(queued)
    await connection.close()
    assert (await client.get(f"/api/v1/jobs/{job_id}", headers=owner)).json()["state"] == "queued"


async def events(client: httpx.AsyncClient, job_id: str, headers: dict[str, str]) -> AsyncIterator[str]:
    """The ids of the events of a job, as they come."""
    async with client.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                yield line.removeprefix("id: ")


async def test_a_stream_goes_on_where_it_was_after_the_service_was_killed(
    running: tuple[httpx.AsyncClient, Process], broker: Nats, owner: dict[str, str]
) -> None:
    client, process = running
    job_id = await export(client, owner)
    connection = await nats_py.connect(broker.url)

    async def tell(seq: int, state: JobState) -> None:
        event = JobEvent(job_id=UUID(job_id), seq=seq, state=state, at=now())
        await connection.jetstream().publish(event_subject(event.job_id, state), msgspec.json.encode(event))

    stream = events(client, job_id, owner)
    assert await anext(stream) == "0"
    await tell(1, "running")
    assert await anext(stream) == "1"
    process.kill()
    with pytest.raises(httpx.HTTPError):
        await anext(stream)
    await tell(2, "retrying")
    await asyncio.to_thread(process.start)
    again = events(client, job_id, owner | {"Last-Event-ID": "1"})
    assert await asyncio.wait_for(anext(again), 5) == "2", "nothing twice, nothing left out"
    await tell(3, "cancelled")
    assert [seq async for seq in again] == ["3"]
    done = await client.get(f"/api/v1/jobs/{job_id}/events", headers=owner | {"Last-Event-ID": "3"})
    assert done.status_code == 204
    await connection.close()


async def test_a_stop_waits_for_no_stream(
    running: tuple[httpx.AsyncClient, Process], owner: dict[str, str]
) -> None:
    client, process = running
    job_id = await export(client, owner)
    async with client.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=owner) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "id: 0"
        stopping = asyncio.create_task(asyncio.to_thread(process.stop, within=5))
        async for _ in lines:  # ends in good order, or this raises
            pass
    assert await stopping == 0
