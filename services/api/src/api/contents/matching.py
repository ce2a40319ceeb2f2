"""Which stored item is which item of a new list, and where the new ones rank: ids outlive an edit of the whole."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import TypeVar

from fractional_indexing import generate_key_between, generate_n_keys_between

LONGEST_RANK = 200
"""A rank grows by a character with every few moves into the same gap; before its column is full all are given anew."""

R = TypeVar("R", str, int)


def match(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each of `new` the index in `old` of what it was: the same text wherever it stood, else the same place
    after the same neighbour."""
    places: defaultdict[str, deque[int]] = defaultdict(deque)
    for index, text in enumerate(old):
        places[text].append(index)
    found: list[int | None] = [places[text].popleft() if places[text] else None for text in new]
    taken = {index for index in found if index is not None}
    before = -1
    for position, place in enumerate(list(found)):
        following = before + 1
        if place is not None:
            before = place
        elif following < len(old) and following not in taken:
            before = found[position] = following
            taken.add(following)
    return found


def rank(kept: Sequence[str | None]) -> list[str]:
    """A rank for each, in ascending order: of those that have one already as many as possible keep it, but for the
    case that one would become too long."""
    stay = longest_ascent(kept)
    ranks: list[str] = []
    low: str | None = None
    for position in [*stay, len(kept)]:
        high = kept[position] if position < len(kept) else None
        ranks += generate_n_keys_between(low, high, position - len(ranks))
        if high is not None:
            ranks.append(high)
        low = high
    return fresh(len(ranks)) if max(map(len, ranks), default=0) > LONGEST_RANK else ranks


def between(low: str | None, high: str | None) -> str | None:
    """A rank between two neighbours (None: the end of the list), or None if it has become too long."""
    found: str = generate_key_between(low, high)
    return found if len(found) <= LONGEST_RANK else None


def fresh(count: int) -> list[str]:
    """Short ranks for a list of `count`."""
    found: list[str] = generate_n_keys_between(None, None, count)
    return found


def longest_ascent(ranks: Sequence[R | None]) -> list[int]:
    """The positions of a longest strictly ascending subsequence (patience sorting); None is never part of one."""
    ends: list[R] = []
    tops: list[int] = []
    previous: list[int] = [-1] * len(ranks)
    for position, value in enumerate(ranks):
        if value is None:
            continue
        pile = bisect_left(ends, value)
        previous[position] = tops[pile - 1] if pile else -1
        ends[pile : pile + 1], tops[pile : pile + 1] = [value], [position]
    positions: list[int] = []
    position = tops[-1] if tops else -1
    while position >= 0:
        positions.append(position)
        position = previous[position]
    return positions[::-1]
