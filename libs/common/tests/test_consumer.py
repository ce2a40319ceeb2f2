"""What a durable consumer promises, on a NATS server of its own that is killed and started again."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from common.bus import Bus
from common.consumer import Consumer, Delivery, Handle
from common.ids import new_id
from common.streams import EVENTS, JOBS
from common.testing.fixtures import eventually
from common.testing.processes import Nats


@pytest.fixture
def broker(tmp_path: Path) -> Nats:
    return Nats(tmp_path)


@pytest_asyncio.fixture
async def bus(broker: Nats) -> AsyncIterator[Bus]:
    broker.start()
    bus = Bus(broker.url, name="tests", streams=[EVENTS])
    await bus.start()
    yield bus
    await bus.close()
    broker.stop()


@asynccontextmanager
async def consuming(broker: Nats, handle: Handle, **settings: object) -> AsyncIterator[Consumer]:
    """A consumer on a connection of its own, as a process has it."""
    bus = Bus(broker.url, name="consumer", streams=[EVENTS])
    consumer = Consumer(
        bus,
        stream="EVENTS",
        durable="tests",
        subject="events.>",
        handle=handle,
        **settings,  # type: ignore[arg-type]
    )
    await bus.start()
    consumer.start()
    try:
        yield consumer
    finally:
        await consumer.drain(1.0)
        await bus.close()


class Seen:
    """Collects what was handled; acks it, after `before` if that is given."""

    def __init__(self, before: Callable[[Delivery], Awaitable[None]] | None = None) -> None:
        self.all: list[tuple[str, int]] = []
        self._before = before

    async def __call__(self, delivery: Delivery) -> None:
        self.all.append((delivery.data.decode(), delivery.attempt))
        if self._before is not None:
            await self._before(delivery)
        await delivery.ack()

    async def has(self, *texts: str) -> bool:
        return {text for text, _ in self.all} >= set(texts)


async def publish(bus: Bus, *texts: str) -> None:
    for text in texts:
        await bus.publish("events.tests", text.encode(), headers={"Nats-Msg-Id": new_id().hex})


async def test_every_message_is_handled_and_then_gone(broker: Nats, bus: Bus) -> None:
    seen = Seen()
    texts = [str(n) for n in range(50)]
    await publish(bus, *texts)
    async with consuming(broker, seen, workers=3):
        await eventually(lambda: seen.has(*texts))
        info = await eventually(lambda: _settled(bus))
    assert sorted(seen.all) == sorted((text, 1) for text in texts)
    assert info.num_ack_pending == 0


async def _settled(bus: Bus) -> object:
    info = await bus.jetstream.consumer_info("EVENTS", "tests")
    return info if not info.num_ack_pending else None


async def test_a_message_that_was_not_handled_comes_again_after_a_second(broker: Nats, bus: Bus) -> None:
    async def fail_once(delivery: Delivery) -> None:
        if delivery.attempt == 1:
            raise RuntimeError("not this time")

    seen = Seen(fail_once)
    async with consuming(broker, seen):
        await publish(bus, "a")
        await eventually(lambda: _is(seen.all, [("a", 1), ("a", 2)]))


async def _is(found: list[tuple[str, int]], wanted: list[tuple[str, int]]) -> bool:
    return found == wanted


async def test_messages_that_wait_for_their_retry_hold_up_no_other(broker: Nats, bus: Bus) -> None:
    seen = Seen()

    async def handle(delivery: Delivery) -> None:
        if delivery.data.startswith(b"poison"):
            seen.all.append((delivery.data.decode(), delivery.attempt))
            await delivery.retry(60.0)
        else:
            await seen(delivery)

    async with consuming(broker, handle, workers=2):
        await publish(bus, *(f"poison {n}" for n in range(20)), "good")
        await eventually(lambda: seen.has("good"), within=3)


async def test_a_restarted_broker_is_consumed_from_again_within_five_seconds(broker: Nats, bus: Bus) -> None:
    seen = Seen()
    async with consuming(broker, seen, workers=2):
        await publish(bus, "before")
        await eventually(lambda: seen.has("before"))
        for round_ in range(2):
            broker.kill()
            await asyncio.sleep(1.0)
            broker.start()
            back = time.monotonic()
            await asyncio.wait_for(bus.ready.wait(), 5)
            await publish(bus, f"after {round_}")
            await eventually(partial(seen.has, f"after {round_}"), within=5)
            assert time.monotonic() - back < 5


async def test_a_message_in_hand_when_the_broker_dies_is_not_lost(broker: Nats, bus: Bus) -> None:
    release = asyncio.Event()

    async def wait(delivery: Delivery) -> None:
        await release.wait()

    seen = Seen(wait)
    async with consuming(broker, seen, ack_wait=1.0):
        await publish(bus, "a")
        await eventually(lambda: seen.has("a"))
        broker.kill()
        await asyncio.sleep(0.3)
        release.set()
        broker.start()
        await asyncio.wait_for(bus.ready.wait(), 5)
        await eventually(lambda: _delivered(bus), within=5)


async def _delivered(bus: Bus) -> bool:
    info = await bus.jetstream.consumer_info("EVENTS", "tests")
    return not info.num_pending and not info.num_ack_pending


async def test_a_stop_lets_what_runs_finish_and_gives_the_rest_back_at_once(broker: Nats, bus: Bus) -> None:
    async def slow(delivery: Delivery) -> None:
        await asyncio.sleep(0.5)

    first, second = Seen(slow), Seen()
    async with consuming(broker, first, workers=2) as consumer:
        await publish(bus, *"abcdef")
        await eventually(lambda: first.has("a", "b"))
        await consumer.drain(5.0)
        assert len(first.all) == 2
    async with consuming(broker, second, workers=2):
        await eventually(lambda: second.has(*"cdef"), within=2)
    assert {text for text, _ in second.all} == set("cdef")


async def test_what_does_not_finish_within_the_grace_is_given_back_at_once(broker: Nats, bus: Bus) -> None:
    async def never(delivery: Delivery) -> None:
        await asyncio.sleep(60)

    first, second = Seen(never), Seen()
    async with consuming(broker, first) as consumer:
        await publish(bus, "a")
        await eventually(lambda: first.has("a"))
        await consumer.drain(0.1)
    async with consuming(broker, second):
        await eventually(lambda: second.has("a"), within=2)
    assert second.all == [("a", 2)]


async def test_a_long_handler_keeps_its_message(broker: Nats, bus: Bus) -> None:
    async def longer_than_the_wait(delivery: Delivery) -> None:
        await asyncio.sleep(2.5)

    seen = Seen(longer_than_the_wait)
    async with consuming(broker, seen, workers=2, ack_wait=1.0):
        await publish(bus, "a")
        await eventually(lambda: _delivered_one(bus, seen), within=6)
    assert seen.all == [("a", 1)]


async def _delivered_one(bus: Bus, seen: Seen) -> bool:
    return bool(seen.all) and await _delivered(bus)


async def test_a_stall_of_the_loop_leaves_no_pull_request_behind(broker: Nats, bus: Bus) -> None:
    seen = Seen()

    async def waiting() -> int | None:
        return (await bus.jetstream.consumer_info("EVENTS", "tests")).num_waiting

    async with consuming(broker, seen):
        time.sleep(2.7)  # noqa: ASYNC251 (a stall is what this is about)
        await asyncio.sleep(0.5)
        assert await waiting() == 1
        await publish(bus, "after the stall")
        await eventually(lambda: seen.has("after the stall"))


async def test_a_message_that_nobody_can_handle_ends_in_the_dead_letters(
    broker: Nats, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.consumer.MOST_FAILURES", 2)
    buried: list[tuple[bytes, str]] = []

    async def bury(delivery: Delivery, reason: str) -> None:
        buried.append((delivery.data, reason))

    async def refuse(delivery: Delivery) -> None:
        if delivery.data == b"poison":
            raise ValueError("not for logs of the dead")

    async with consuming(broker, Seen(refuse), bury=bury):
        await publish(bus, "poison", "fine")

        async def is_buried() -> bool:
            return buried == [(b"poison", "ValueError")] and await _settled(bus) is not None

        await eventually(is_buried)


async def test_messages_that_are_there_together_are_handled_together(broker: Nats, bus: Bus) -> None:
    seen, sizes = Seen(), []

    async def handle_many(deliveries: Sequence[Delivery]) -> None:
        sizes.append(len(deliveries))
        await asyncio.sleep(0.05)  # as long as a transaction: the next ones gather meanwhile
        for delivery in deliveries:
            await seen(delivery)

    texts = [str(n) for n in range(60)]
    await publish(bus, *texts)
    async with consuming(broker, seen, handle_many=handle_many, batch=20):
        await eventually(lambda: seen.has(*texts))
        await eventually(lambda: _settled(bus))
    assert sorted(seen.all) == sorted((text, 1) for text in texts)
    assert 3 <= len(sizes) < 30
    assert max(sizes) <= 20


async def test_one_bad_message_of_many_fails_alone(broker: Nats, bus: Bus) -> None:
    seen = Seen()

    async def handle_many(deliveries: Sequence[Delivery]) -> None:
        if any(delivery.data == b"poison" for delivery in deliveries):
            raise ValueError
        for delivery in deliveries:
            await seen(delivery)

    async def handle(delivery: Delivery) -> None:
        await handle_many([delivery])

    await publish(bus, "a", "poison", "b")
    async with consuming(broker, handle, handle_many=handle_many, batch=10):
        await eventually(lambda: seen.has("a", "b"))
    assert "poison" not in dict(seen.all)


async def test_nothing_is_asked_for_while_there_is_no_room(broker: Nats, bus: Bus) -> None:
    seen, room = Seen(), asyncio.Event()

    async def handle_many(deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await seen(delivery)

    async def admit() -> None:
        await room.wait()

    await publish(bus, "a", "b")
    async with consuming(broker, seen, handle_many=handle_many, batch=10, admit=admit):
        await asyncio.sleep(0.3)
        assert seen.all == []
        room.set()
        await eventually(lambda: seen.has("a", "b"))


async def test_a_consumer_takes_over_the_messages_of_those_it_replaces(tmp_path: Path) -> None:
    """What a durable consumer of a work queue had in hand comes to the one that stands in its place."""
    broker = Nats(tmp_path)
    broker.start()
    bus = Bus(broker.url, name="tests", streams=[JOBS])
    await bus.start()
    former = ConsumerConfig(
        durable_name="email", filter_subject="jobs.run.email", ack_policy=AckPolicy.EXPLICIT
    )
    await bus.jetstream.add_consumer("JOBS", former)
    seen = Seen()
    await bus.publish("jobs.run.email", b"a")
    now = Bus(broker.url, name="consumer", streams=[JOBS])
    consumer = Consumer(
        now,
        stream="JOBS",
        durable="intake",
        subject=["jobs.run.email", "jobs.run.export"],
        handle=seen,
        instead_of=["email", "export"],
    )
    await now.start()
    consumer.start()
    await eventually(lambda: seen.has("a"))
    with pytest.raises(NotFoundError):
        await bus.jetstream.consumer_info("JOBS", "email")
    await consumer.drain(1.0)
    await now.close()
    await bus.close()
    broker.stop()
