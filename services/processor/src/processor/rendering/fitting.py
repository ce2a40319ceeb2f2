"""Fit to pages: how large text and spacing are set so that a document has exactly as many pages as were asked for."""

from collections.abc import Callable
from functools import cache
from math import ceil, floor

import msgspec

_SMALLEST_READABLE = 7.5
"""Points. Text is never made smaller to fit, whatever a template allows."""
_STEPS = 100
"""Scales are tried in hundredths: a step is about a line a page."""


class FitLimits(msgspec.Struct, frozen=True):
    """How much smaller and larger than asked for a template may be set, as factors around 1."""

    min: float = 0.82
    max: float = 1.2


class Fitted(msgspec.Struct, frozen=True):
    """The factor to set the document at, how many pages it then has, and whether those are the wanted ones."""

    scale: float
    pages: int
    fits: bool


def fit(
    count_pages: Callable[[float], int],
    wanted: int,
    *,
    limits: FitLimits,
    size: float,
    guess: float | None = None,
) -> Fitted:
    """The largest scale within `limits` at which a document has no more than `wanted` pages, so that the last one is well
    filled; where none has exactly so many, the nearest.

    `count_pages` lays the document out at a scale; it is asked at most nine times, or twice where `guess` is right, as it
    mostly is after an edit of a few words. `size` is that of the text in points.
    """
    count = cache(lambda step: count_pages(step / _STEPS))
    low, high = _steps(limits, size)
    if guess is not None:
        low, high = _around(round(guess * _STEPS), low, high, lambda step: count(step) <= wanted)
    if count(high) <= wanted:
        return _fitted(high, count(high), wanted)
    if count(low) > wanted:
        return _fitted(low, count(low), wanted)
    while high - low > 1:  # pages(low) <= wanted < pages(high)
        middle = (low + high) // 2
        if count(middle) <= wanted:
            low = middle
        else:
            high = middle
    return _fitted(low, count(low), wanted)


def settled(fitted: Fitted, count_pages: Callable[[float], int]) -> Fitted:
    """What is made of a search: a document that cannot fit is set as it was asked for. Small type or large on the wrong number
    of pages would help nobody."""
    return fitted if fitted.fits else Fitted(1.0, count_pages(1.0), fits=False)


def _around(step: int, low: int, high: int, is_enough: Callable[[int], bool]) -> tuple[int, int]:
    """What is left to be searched of `low` to `high` once the steps beside a guess have been tried."""
    if not low <= step <= high:
        return low, high
    if step < high and is_enough(step + 1):
        return step + 1, high
    if is_enough(step):
        return step, step
    return low, max(step - 1, low)


def _steps(limits: FitLimits, size: float) -> tuple[int, int]:
    low = max(limits.min, min(1.0, _SMALLEST_READABLE / size))
    high = max(limits.max, 1.0)
    return ceil(low * _STEPS - 1e-6), floor(high * _STEPS + 1e-6)


def _fitted(step: int, pages: int, wanted: int) -> Fitted:
    return Fitted(step / _STEPS, pages, pages == wanted)
