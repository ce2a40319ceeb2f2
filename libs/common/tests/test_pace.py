"""A loop goes round at once after a pause, and no faster than it is to under load."""

import asyncio
import time

from common.pace import Pace


async def _rounds(pace: Pace, seconds: float) -> int:
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        await pace.keep()
        count += 1
    return count


async def test_a_few_rounds_are_at_once() -> None:
    pace, started = Pace(10.0, burst=3), time.monotonic()
    for _ in range(3):
        await pace.keep()
    assert time.monotonic() - started < 1


async def test_many_rounds_take_their_time() -> None:
    assert 3 + 5 <= await _rounds(Pace(0.02, burst=3), 0.2) <= 3 + 11


async def test_a_pause_earns_no_more_than_a_few() -> None:
    pace = Pace(0.02, burst=2)
    await pace.keep()
    await asyncio.sleep(0.2)
    assert await _rounds(pace, 0.05) <= 2 + 3


async def test_who_is_not_to_be_slowed_down_is_not() -> None:
    assert await _rounds(Pace(0.0), 0.02) > 100
