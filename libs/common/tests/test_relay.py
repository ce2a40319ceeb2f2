"""What leaves a service through its outbox: after the commit, in order, whatever is down meanwhile, and once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar, Request, Response, put
from nats.aio.msg import Msg
from sqlalchemy import func, select

from common import context
from common.bus import Bus
from common.db import Database
from common.http import ServiceClient
from common.ids import new_id
from common.outbox import OutboxRow, call, emit
from common.relay import Relay, to_jetstream
from common.streams import EVENTS
from common.testing.fixtures import eventually
from common.testing.ports import free_port
from common.testing.processes import Nats
from common.testing.served import served


@pytest_asyncio.fixture
async def bus(nats: Nats) -> AsyncIterator[Bus]:
    async with connected(nats) as bus:
        yield bus


@asynccontextmanager
async def connected(nats: Nats) -> AsyncIterator[Bus]:
    bus = Bus(nats.url, name="tests", streams=[EVENTS])
    await bus.start()
    try:
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def relaying(database: Database, bus: Bus, **services: ServiceClient) -> AsyncIterator[Relay]:
    relay = Relay(database, bus=bus, services=services)
    relay.start()
    try:
        yield relay
    finally:
        await relay.stop(flush=0)


class Heard:
    """What everybody who listens to a subject hears of it, in order: what JetStream drops as known is heard too."""

    def __init__(self) -> None:
        self.subject = f"events.tests.{new_id().hex}.happened.v1"
        self.bodies: list[bytes] = []
        self.messages: list[Msg] = []
        self.at: list[float] = []

    async def listen(self, bus: Bus) -> "Heard":
        await bus.listen(self.subject, self._receive)
        await bus.client.flush()
        return self

    async def _receive(self, message: Msg) -> None:
        self.at.append(time.perf_counter())
        self.messages.append(message)
        self.bodies.append(message.data)

    async def stored(self, bus: Bus) -> int:
        """How many messages of the subject the stream keeps."""
        info = await bus.jetstream.stream_info("EVENTS", subjects_filter=self.subject)
        return sum((info.state.subjects or {}).values())


async def _waits(database: Database, count: int) -> bool:
    return await waiting(database) == count


async def waiting(database: Database) -> int:
    async with database.read() as db:
        return await db.scalar(select(func.count()).select_from(OutboxRow)) or 0


async def is_empty(database: Database) -> bool:
    return await waiting(database) == 0


async def test_what_was_rolled_back_is_never_sent(database: Database, bus: Bus) -> None:
    heard = await Heard().listen(bus)
    async with relaying(database, bus):
        with pytest.raises(ZeroDivisionError):
            await _fail_after_emitting(database, heard.subject)
        async with database.write() as db:
            emit(db, heard.subject, b"yes")
        await eventually(lambda: is_empty(database))
    await bus.client.flush()
    assert heard.bodies == [b"yes"]


async def test_nothing_is_sent_before_the_commit(database: Database, bus: Bus) -> None:
    heard = await Heard().listen(bus)
    async with relaying(database, bus) as relay:
        async with database.write() as db:
            emit(db, heard.subject, b"patience")
            await db.flush()
            relay.wake()
            await asyncio.sleep(0.1)
            assert heard.bodies == []
        await eventually(lambda: is_empty(database))
    assert heard.bodies == [b"patience"]


async def test_messages_go_in_the_order_they_were_written(database: Database, bus: Bus) -> None:
    heard = await Heard().listen(bus)
    for start in range(0, 300, 25):  # (more than one batch of the relay)
        async with database.write() as db:
            for n in range(start, start + 25):
                emit(db, heard.subject, b"%d" % n)
    async with relaying(database, bus):
        await eventually(lambda: is_empty(database))
    assert heard.bodies == [b"%d" % n for n in range(300)]


async def test_a_commit_wakes_the_relay_at_once(database: Database, bus: Bus) -> None:
    heard = await Heard().listen(bus)
    took = []
    async with relaying(database, bus):
        for n in range(7):
            async with database.write() as db:
                emit(db, heard.subject, b"now")
            committed = time.perf_counter()
            await eventually(lambda n=n: _has(heard, n + 1))  # type: ignore[misc]
            took.append(heard.at[-1] - committed)
    assert median(took) < 0.05, took


async def test_a_message_carries_its_id_and_the_request_it_came_from(database: Database, bus: Bus) -> None:
    heard = await Heard().listen(bus)
    context.accept("request-of-a-caller", f"00-{'a' * 32}-{'b' * 16}-01")
    async with database.write() as db:
        emit(db, heard.subject, b"x", message_id="given-id", headers={"X-Own": "1"})
    async with relaying(database, bus):
        await eventually(lambda: is_empty(database))
    headers = heard.messages[0].headers or {}
    assert headers["Nats-Msg-Id"] == "given-id"
    assert headers["X-Request-Id"] == "request-of-a-caller"
    assert headers["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert headers["X-Own"] == "1"


async def test_while_nats_is_down_messages_wait_and_go_out_once_when_it_is_back(
    database: Database, tmp_path: Path
) -> None:
    broker = Nats(tmp_path)
    broker.start()
    try:
        async with connected(broker) as bus, relaying(database, bus):
            heard = Heard()
            broker.kill()
            for n in range(20):
                async with database.write() as db:
                    emit(db, heard.subject, b"%d" % n)
            await asyncio.sleep(0.3)
            assert await waiting(database) == 20
            broker.start()
            back = time.perf_counter()
            await eventually(lambda: is_empty(database))
            assert time.perf_counter() - back < 5
            assert await heard.stored(bus) == 20
    finally:
        broker.kill()


async def test_a_broker_that_dies_while_messages_flow_loses_and_doubles_none(
    database: Database, tmp_path: Path
) -> None:
    broker = Nats(tmp_path)
    broker.start()
    try:
        async with connected(broker) as bus, relaying(database, bus):
            heard = Heard()
            for n in range(200):
                async with database.write() as db:
                    emit(db, heard.subject, b"%d" % n)
                if n == 100:
                    broker.kill()
                    await asyncio.to_thread(broker.start)
            await eventually(lambda: is_empty(database))
            assert await heard.stored(bus) == 200
    finally:
        broker.kill()


async def test_a_crash_after_the_sending_and_before_the_forgetting_has_one_effect(
    database: Database, bus: Bus
) -> None:
    heard = await Heard().listen(bus)
    async with database.write() as db:
        emit(db, heard.subject, b"once")
    async with database.read() as db:
        row = await db.scalar(select(OutboxRow))
    assert row is not None
    await to_jetstream(bus)(row)  # what a relay had done that was killed before it could delete the row
    async with relaying(database, bus):
        await eventually(lambda: is_empty(database))
    await bus.client.flush()
    assert heard.bodies == [b"once", b"once"], "it was sent a second time"
    assert await heard.stored(bus) == 1, "and JetStream kept one"


async def test_a_relay_that_is_stopped_with_the_database_busy_leaves_its_rows(
    database: Database, bus: Bus
) -> None:
    heard = await Heard().listen(bus)
    async with database.write() as db:
        emit(db, heard.subject, b"stay")
    relay = Relay(database, bus=bus)
    async with database.write() as db:
        await db.scalar(select(1))  # takes the lock, so that the relay can send and cannot forget
        relay.start()
        await eventually(lambda: _has(heard, 1))
        await relay.stop(flush=0)
    assert await waiting(database) == 1
    async with relaying(database, bus):
        await eventually(lambda: is_empty(database))
    assert await heard.stored(bus) == 1


async def test_of_two_relays_on_one_database_one_sends_and_the_other_takes_over(
    database: Database, bus: Bus
) -> None:
    heard, other = await Heard().listen(bus), Database(database.url)
    first, second = Relay(database, bus=bus), Relay(other, bus=bus)
    first.start()
    second.start()
    for n in range(100):
        async with database.write() as db:
            emit(db, heard.subject, b"%d" % n)
        second.wake()
    await eventually(lambda: is_empty(database))
    assert heard.bodies == [b"%d" % n for n in range(100)], "each was sent once"
    await first.stop(flush=0)
    async with other.write() as db:
        emit(db, heard.subject, b"from the second")
    await eventually(lambda: _has(heard, 101), within=5)
    await second.stop(flush=0)
    await other.close()


class Neighbour:
    """Another service at the edge of this one: notes what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.port = free_port()
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str] = []
        self.answer: Callable[[str], int] = lambda _path: 204

    def app(self) -> Litestar:
        @put("/internal/things/{name:str}")
        async def receive(request: Request[Any, Any, Any]) -> Response[None]:
            name = request.path_params["name"]
            self.seen.append((name, await request.json()))
            self.keys.append(request.headers["idempotency-key"])
            return Response(None, status_code=self.answer(name))

        return Litestar([receive], logging_config=None)

    def client(self) -> ServiceClient:
        async def token(_service: str) -> str:
            return "token"

        return ServiceClient("neighbour", f"http://127.0.0.1:{self.port}", token)


async def put_thing(database: Database, name: str) -> None:
    async with database.write() as db:
        call(db, "neighbour", "PUT", f"/internal/things/{name}", {"name": name})


async def test_a_call_to_a_service_that_is_down_arrives_later_and_once(database: Database, bus: Bus) -> None:
    neighbour, heard = Neighbour(), await Heard().listen(bus)
    client = neighbour.client()
    async with relaying(database, bus, neighbour=client):
        for name in ("a", "b"):
            await put_thing(database, name)
        async with database.write() as db:
            emit(db, heard.subject, b"not held up")
        await eventually(lambda: _has(heard, 1), within=1)
        await eventually(lambda: _waits(database, 2), within=1)
        async with served(neighbour.app(), port=neighbour.port):
            await eventually(lambda: is_empty(database))
            assert neighbour.seen == [("a", {"name": "a"}), ("b", {"name": "b"})]
    await client.close()


async def test_a_call_that_is_refused_is_parked_and_the_lane_goes_on(database: Database, bus: Bus) -> None:
    neighbour = Neighbour()
    neighbour.answer = lambda name: 422 if name == "bad" else 204
    client = neighbour.client()
    async with served(neighbour.app(), port=neighbour.port), relaying(database, bus, neighbour=client):
        for name in ("first", "bad", "last"):
            await put_thing(database, name)
        await eventually(lambda: _is(waiting(database), 1))
        assert [name for name, _ in neighbour.seen] == ["first", "bad", "last"]
    async with database.read() as db:
        parked = (await db.scalars(select(OutboxRow))).one()
    assert parked.subject == "PUT /internal/things/bad"
    assert parked.failed_at is not None
    assert "422" in (parked.last_error or "")
    await client.close()


@pytest.mark.parametrize("status", [500, 503, 429, 401, 409])
async def test_a_call_that_may_succeed_later_keeps_its_place_and_its_key(
    database: Database, bus: Bus, status: int
) -> None:
    neighbour = Neighbour()
    answers = iter([status, status, status, status])
    neighbour.answer = lambda _name: next(answers, 204)
    client = neighbour.client()
    async with served(neighbour.app(), port=neighbour.port), relaying(database, bus, neighbour=client):
        for name in ("first", "second"):
            await put_thing(database, name)
        await eventually(lambda: is_empty(database))
    assert [name for name, _ in neighbour.seen] == ["first"] * 5 + ["second"]
    assert len(set(neighbour.keys[:5])) == 1
    await client.close()


async def _fail_after_emitting(database: Database, subject: str) -> None:
    async with database.write() as db:
        emit(db, subject, b"no")
        await db.flush()
        raise ZeroDivisionError


async def _has(heard: Heard, count: int) -> bool:
    return len(heard.bodies) >= count


async def _is(counting: Awaitable[int], wanted: int) -> bool:
    return await counting == wanted
