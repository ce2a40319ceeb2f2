"""What a KV bucket promises under its near-cache: never older than the last update, never needed, never too large."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_asyncio
from nats.errors import TimeoutError as NatsTimeout

from common.bus import Bus
from common.ids import new_id
from common.kv import Bucket
from common.streams import RESUME_CACHE
from common.testing.fixtures import eventually
from common.testing.processes import Nats


@asynccontextmanager
async def opened(nats: Nats, **limits: float) -> AsyncIterator[Bucket]:
    """The bucket as one process has it."""
    bus = Bus(nats.url, name="tests", streams=[RESUME_CACHE])
    bucket = Bucket(bus, RESUME_CACHE, **limits)  # type: ignore[arg-type]
    await bus.start()
    try:
        yield bucket
    finally:
        await bus.close()


@pytest_asyncio.fixture
async def bucket(nats: Nats) -> AsyncIterator[Bucket]:
    async with opened(nats) as bucket:
        yield bucket


def a_key() -> str:
    return f"resume.{new_id()}.v1"


async def value(bucket: Bucket, key: str) -> bytes | None:
    entry = await bucket.get(key)
    return entry.value if entry else None


async def test_what_was_put_is_read_with_the_time_it_was_put(bucket: Bucket, nats: Nats) -> None:
    key = a_key()
    before = time.time()
    assert await bucket.put(key, b"content", ttl=60)
    async with opened(nats) as other:
        entry = await other.get(key)
    assert entry is not None
    assert entry.value == b"content"
    assert before - 0.1 < entry.stored_at.timestamp() < time.time() + 0.1


async def test_a_second_read_needs_no_round_trip(bucket: Bucket) -> None:
    key = a_key()
    await bucket.put(key, b"x", ttl=60)
    await eventually(lambda: _is_near(bucket, key))
    assert bucket.near(key) is not None


async def test_an_unknown_key_is_a_miss(bucket: Bucket) -> None:
    assert await bucket.get(a_key()) is None


async def test_an_entry_is_gone_after_its_time_also_from_the_near_cache(bucket: Bucket, nats: Nats) -> None:
    key = a_key()
    await bucket.put(key, b"x", ttl=1)
    put_at = time.monotonic()
    await eventually(lambda: _is_near(bucket, key))
    async with opened(nats) as other:
        assert await value(other, key) == b"x"
        await eventually(lambda: _misses(other, key), within=4)
    await eventually(lambda: _misses(bucket, key), within=4)
    assert time.monotonic() - put_at > 0.9


async def test_who_wrote_reads_what_it_wrote(bucket: Bucket) -> None:
    key = a_key()
    for n in range(100):
        await bucket.put(key, b"%d" % n, ttl=60)
        assert await value(bucket, key) == b"%d" % n


async def test_the_update_of_another_is_seen_at_once(bucket: Bucket, nats: Nats) -> None:
    key = a_key()
    await bucket.put(key, b"old", ttl=60)
    await eventually(lambda: _is_near(bucket, key))
    async with opened(nats) as other:
        await other.put(key, b"new", ttl=60)
        await eventually(lambda: _reads(bucket, key, b"new"), within=0.5)
        await other.delete(key)
        await eventually(lambda: _misses(bucket, key), within=0.5)


async def test_an_update_that_comes_during_a_read_is_not_overwritten_by_it(
    bucket: Bucket, nats: Nats
) -> None:
    key = a_key()
    async with opened(nats) as other:
        for n in range(50):
            reads = [asyncio.create_task(bucket.get(key)) for _ in range(5)]
            await other.put(key, b"%d" % n, ttl=60)
            await asyncio.gather(*reads)
        await eventually(lambda: _reads(bucket, key, b"49"), within=0.5)


async def test_a_read_that_began_before_a_disconnect_is_not_kept(bucket: Bucket) -> None:
    key = a_key()
    await bucket.put(key, b"x", ttl=60)
    await asyncio.sleep(0.1)  # its own update is heard
    read = asyncio.create_task(bucket.get(key))
    await asyncio.sleep(0)
    bucket.clear()
    entry = await read
    assert entry is not None
    assert bucket.near(key) is None


async def test_a_subscription_that_failed_is_made_at_the_next_try(nats: Nats) -> None:
    bus = Bus(nats.url, name="tests", streams=[RESUME_CACHE])
    failed: list[str] = []

    async def fail_once() -> None:
        subscribe = bus.raw.subscribe

        async def fail(subject: str, **_: Any) -> Any:
            failed.append(subject)
            bus.raw.subscribe = subscribe  # type: ignore[method-assign]
            raise NatsTimeout

        if not failed:
            bus.raw.subscribe = fail  # type: ignore[method-assign, assignment]

    bus.on_connect(fail_once)
    bucket, key = Bucket(bus, RESUME_CACHE), a_key()
    await bus.start()
    async with opened(nats) as other:
        await bucket.put(key, b"old", ttl=60)
        await eventually(lambda: _is_near(bucket, key))
        await other.put(key, b"new", ttl=60)
        await eventually(lambda: _reads(bucket, key, b"new"), within=0.5)
    assert len(failed) == 1
    await bus.close()


async def test_a_deleted_key_is_a_miss_at_once_for_who_deleted_it(bucket: Bucket) -> None:
    key = a_key()
    await bucket.put(key, b"x", ttl=60)
    await eventually(lambda: _is_near(bucket, key))
    await bucket.delete(key)
    assert await bucket.get(key) is None


async def test_without_nats_reads_miss_and_writes_are_dropped_and_nobody_waits(tmp_path: Path) -> None:
    broker = Nats(tmp_path)
    broker.start()
    key = a_key()
    try:
        async with opened(broker) as bucket:
            await bucket.put(key, b"old", ttl=60)
            await eventually(lambda: _is_near(bucket, key))
            broker.kill()
            await eventually(lambda: _misses(bucket, key))
            started = time.perf_counter()
            assert await bucket.get(key) is None, "what it had may have been changed by others meanwhile"
            assert not await bucket.put(key, b"lost", ttl=60)
            bucket.remember(key, b"lost")
            assert await bucket.get(key) is None
            assert time.perf_counter() - started < 0.2
            await asyncio.to_thread(broker.start)
            await eventually(lambda: _reads(bucket, key, b"old"), within=5)
            async with opened(broker) as other:
                await other.put(key, b"new", ttl=60)
            await eventually(lambda: _reads(bucket, key, b"new"), within=0.5)
    finally:
        broker.kill()


async def test_the_near_cache_holds_no_more_than_its_bytes_and_entries(nats: Nats) -> None:
    async with opened(nats, near_bytes=10_000, near_entries=8) as bucket:
        keys = [a_key() for _ in range(20)]
        for key in keys:
            bucket.remember(key, bytes(1_000))
        assert [bucket.near(key) is not None for key in keys] == [False] * 12 + [True] * 8
        for key in keys:
            bucket.remember(key, bytes(3_000))
        assert [bucket.near(key) is not None for key in keys] == [False] * 17 + [True] * 3
        bucket.remember(keys[0], bytes(20_000))
        assert bucket.near(keys[0]) is None, "what is larger than all of it is not kept"


async def test_what_is_read_often_is_kept(nats: Nats) -> None:
    async with opened(nats, near_entries=3) as bucket:
        often, *others = [a_key() for _ in range(6)]
        bucket.remember(often, b"x")
        for key in others:
            bucket.remember(key, b"x")
            assert bucket.near(often) is not None


async def test_watchers_hear_of_every_update(bucket: Bucket, nats: Nats) -> None:
    key, heard = a_key(), []
    bucket.watch(lambda name, stored: heard.append((name, stored)) if name == key else None)
    async with opened(nats) as other:
        await other.put(key, b"new", ttl=60)
        await other.delete(key)
        await eventually(lambda: _equal(heard, [(key, b"new"), (key, b"")]))


async def _is_near(bucket: Bucket, key: str) -> bool:
    await bucket.get(key)
    return bucket.near(key) is not None


async def _reads(bucket: Bucket, key: str, wanted: bytes) -> bool:
    return await value(bucket, key) == wanted


async def _misses(bucket: Bucket, key: str) -> bool:
    return await bucket.get(key) is None


async def _equal(found: object, wanted: object) -> bool:
    return found == wanted
