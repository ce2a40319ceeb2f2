import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import update

from api.app import create_app
from api.jobs import streams
from api.jobs.models import JobStatus
from api.settings import Settings
from common.bus import Bus
from common.db import Database
from common.ids import new_id
from common.streams import AUTH_TOKENS
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer
from common.testing.processes import Nats
from common.testing.served import served
from common.tokens import LEEWAY


class Follower:
    """Reads the events of a job in the background: `(name, id, data)` each, comments as `(":", "", None)`."""

    def __init__(self, client: httpx.AsyncClient, job_id: str, headers: dict[str, str]) -> None:
        self._inbox: asyncio.Queue[tuple[str, str, Any] | None] = asyncio.Queue()
        self.task = asyncio.create_task(self._read(client, f"/api/v1/jobs/{job_id}/events", headers))

    async def next(self, within: float = 5.0) -> tuple[str, str, Any] | None:
        """The next event; None when the server has ended the stream."""
        return await asyncio.wait_for(self._inbox.get(), within)

    async def states(self) -> list[str]:
        """All states until the stream ends."""
        found = []
        while (event := await self.next()) is not None:
            if event[0] == "state":
                found.append(event[2]["state"])
        return found

    async def _read(self, client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
        async with client.stream("GET", path, headers=headers) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            async for event in _events(answer):
                await self._inbox.put(event)
        await self._inbox.put(None)


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, str, Any]]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            yield (":", "", None)
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield (fields["event"], fields["id"], json.loads(fields["data"]))
            fields = {}


async def test_a_stream_tells_the_state_then_every_change_and_ends_by_itself(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    job_id = (await make_export())["jobId"]
    follower = Follower(client, job_id, owner)
    assert (await follower.next() or ())[:2] == ("state", "0")
    await processor.tell(job_id, 1, "running")
    name, seq, job = await follower.next() or ("", "", {})
    assert (name, seq, job["state"]) == ("state", "1", "running")
    await processor.progress(job_id, 0.5, "rendering")
    name, seq, job = await follower.next() or ("", "", {})
    assert (name, seq, job["progress"], job["stage"]) == ("progress", "1", 0.5, "rendering")
    await processor.succeed(job_id, 2)
    name, seq, job = await follower.next() or ("", "", {})
    assert (name, seq, job["state"], job["progress"]) == ("state", "2", "succeeded", 1.0)
    assert job == (await client.get(f"/api/v1/jobs/{job_id}", headers=owner)).json()
    assert await follower.next() is None


async def test_when_a_stream_says_succeeded_the_file_can_be_downloaded(
    client: httpx.AsyncClient,
    replica: httpx.AsyncClient,
    owner: dict[str, str],
    make_export: Any,
    processor: Any,
) -> None:
    for _ in range(5):
        export = await make_export()
        followers = [Follower(at, export["jobId"], owner) for at in (client, replica)]
        for follower in followers:
            await follower.next()
        await processor.succeed(export["jobId"], 1)
        for follower, at in zip(followers, (client, replica), strict=True):
            assert await follower.states() == ["succeeded"]
            read = await at.get(f"/api/v1/exports/{export['exportId']}", headers=owner)
            assert read.json()["downloadUrl"] is not None


async def test_last_event_id_leaves_out_what_was_seen(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    job_id = (await make_export())["jobId"]
    follower = Follower(client, job_id, owner | {"Last-Event-ID": "0"})
    await asyncio.sleep(0.1)
    await processor.succeed(job_id, 4)
    assert await follower.states() == ["succeeded"]
    assert await Follower(client, job_id, owner | {"Last-Event-ID": "1"}).states() == ["succeeded"]
    for made_up in ("nonsense", "9" * 5000):
        assert await Follower(client, job_id, owner | {"Last-Event-ID": made_up}).states() == ["succeeded"]
    done = await client.get(f"/api/v1/jobs/{job_id}/events", headers=owner | {"Last-Event-ID": "4"})
    assert (done.status_code, done.content) == (204, b"")


async def test_silence_is_filled_with_comments(
    client: httpx.AsyncClient,
    owner: dict[str, str],
    make_export: Any,
    processor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    job_id = (await make_export())["jobId"]
    follower = Follower(client, job_id, owner)
    assert [(await follower.next() or "?")[0] for _ in range(3)] == ["state", ":", ":"]
    await processor.tell(job_id, 1, "cancelled")
    assert await follower.states() == ["cancelled"]


async def test_a_drain_ends_streams_and_the_client_goes_on_elsewhere(
    client: httpx.AsyncClient, settings: Settings, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    job_id = (await make_export())["jobId"]
    async with served(create_app(settings)) as leaving:
        follower = Follower(leaving, job_id, owner)
        assert (await follower.next() or ())[:2] == ("state", "0")
    assert await follower.next() is None
    elsewhere = Follower(client, job_id, owner | {"Last-Event-ID": "0"})
    await processor.tell(job_id, 1, "failed")
    assert await elsewhere.states() == ["failed"]


async def test_one_user_holds_only_so_many_streams(
    settings: Settings, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    job_id = (await make_export())["jobId"]
    async with served(create_app(msgspec.structs.replace(settings, streams_per_user=2))) as small:
        followers = [Follower(small, job_id, owner) for _ in range(2)]
        for follower in followers:
            await follower.next()
        refused = await small.get(f"/api/v1/jobs/{job_id}/events", headers=owner)
        assert refused.status_code == 429
        assert refused.json()["code"] == "TOO_MANY_STREAMS"
        assert refused.headers["retry-after"]
        followers[0].task.cancel()
        await processor.tell(job_id, 1, "running")
        assert (await followers[1].next() or ())[:2] == ("state", "1")
        third = Follower(small, job_id, owner)
        assert (await third.next() or ())[0] == "state"
        await processor.tell(job_id, 2, "failed")
        assert await third.states() == ["failed"]


async def test_a_burst_opens_no_more_streams_than_one_user_may(
    settings: Settings, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    job_id = (await make_export())["jobId"]

    async def open_stream(at: httpx.AsyncClient) -> int:
        async with at.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=owner) as answer:
            async for _ in answer.aiter_bytes():
                pass
        return answer.status_code

    async with served(create_app(msgspec.structs.replace(settings, streams_per_user=2))) as small:
        burst = [asyncio.create_task(open_stream(small)) for _ in range(10)]
        await asyncio.sleep(0.5)
        await processor.tell(job_id, 1, "failed")
        assert sorted(await asyncio.gather(*burst)) == [200] * 2 + [429] * 8
        assert await open_stream(small) == 200, "those that ended count no more"


async def test_a_stream_ends_with_the_token_it_was_opened_with(
    client: httpx.AsyncClient,
    make_export: Any,
    issuer: Issuer,
    owner_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    job_id = (await make_export())["jobId"]
    almost_over = int(time.time()) - LEEWAY + 2
    follower = Follower(client, job_id, issuer.headers("api", user_id=owner_id, exp=almost_over))
    assert (await follower.next() or "?")[0] == "state"
    assert (await follower.next() or "?")[0] == ":"
    await eventually(lambda: _ended(follower), within=4)


async def test_a_stream_ends_when_its_session_is_revoked(
    client: httpx.AsyncClient,
    make_export: Any,
    issuer: Issuer,
    owner_id: UUID,
    nats: Nats,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    job_id, session_id = (await make_export())["jobId"], str(new_id())
    follower = Follower(client, job_id, issuer.headers("api", user_id=owner_id, sid=session_id))
    assert (await follower.next() or "?")[0] == "state"
    bus = Bus(nats.url, name="sso", streams=[AUTH_TOKENS])
    await bus.start()
    await bus.publish(f"$KV.auth_tokens.revoked.{session_id}", b"1")
    await bus.close()
    await eventually(lambda: _ended(follower), within=2)


async def _ended(follower: Follower) -> bool:
    return await follower.next() is None


async def test_a_change_that_nobody_told_of_is_seen_without_nats(
    lonely: Any, issuer_headers: dict[str, str]
) -> None:
    """While NATS is away a stream looks into the database every two seconds."""
    client, nats, settings = lonely
    made = await client.post("/api/v1/resumes", json={"title": "A"}, headers=issuer_headers)
    body = {"resumeId": made.json()["id"], "format": "pdf"}
    export = (await client.post("/api/v1/exports", json=body, headers=issuer_headers)).json()
    nats.stop()
    follower = Follower(client, export["jobId"], issuer_headers)
    assert (await follower.next() or "?")[0] == "state"
    database = Database(settings.database_url)
    async with database.write() as db:
        await db.execute(update(JobStatus).values(state="failed", seq=5))
    await database.close()
    assert (await follower.next(within=3.5) or ())[:2] == ("state", "5")
    assert await follower.next() is None
    nats.start()  # or the service would wait for it to take what is left in the outbox
