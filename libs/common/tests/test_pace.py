"""A loop goes round at once after a pause, and no faster than it is to under load."""

import time

import pytest

from common.pace import Pace


def _waits(pace: Pace, count: int, *, at: float) -> list[float]:
    return [max(0.0, pace.wait(at)) for _ in range(count)]


def test_a_few_rounds_are_at_once_and_the_others_apart() -> None:
    assert _waits(Pace(0.05, burst=3), 6, at=100.0) == pytest.approx([0, 0, 0, 0.05, 0.1, 0.15])


def test_who_goes_round_no_faster_than_is_due_never_waits() -> None:
    pace = Pace(0.05, burst=1)
    assert [max(0.0, pace.wait(100 + 0.051 * n)) for n in range(50)] == [0.0] * 50


def test_a_pause_earns_no_more_than_a_few_rounds() -> None:
    pace = Pace(0.05, burst=2)
    _waits(pace, 5, at=100.0)
    assert _waits(pace, 3, at=1000.0) == pytest.approx([0, 0, 0.05])


async def test_a_round_too_many_waits() -> None:
    pace, started = Pace(0.05, burst=1), time.monotonic()
    await pace.keep()
    await pace.keep()
    assert time.monotonic() - started >= 0.05
