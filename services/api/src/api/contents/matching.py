"""Which stored item is which item of a new list, and where the new ones rank: ids outlive an edit of the whole."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence

from fractional_indexing import generate_n_keys_between


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
    """A rank for each, in ascending order: of those that have one already as many as possible stay."""
    stay = _longest_ascent(kept)
    ranks: list[str] = []
    low: str | None = None
    for position in [*stay, len(kept)]:
        high = kept[position] if position < len(kept) else None
        ranks += generate_n_keys_between(low, high, position - len(ranks))
        if high is not None:
            ranks.append(high)
        low = high
    return ranks


def _longest_ascent(ranks: Sequence[str | None]) -> list[int]:
    """The positions of a longest strictly ascending subsequence (patience sorting)."""
    ends: list[str] = []
    tops: list[int] = []
    previous: list[int] = [-1] * len(ranks)
    for position, value in enumerate(ranks):
        if value is None:
            continue
        pile = bisect_left(ends, value)
        previous[position] = tops[pile - 1] if pile else -1
        ends[pile:], tops[pile:] = [value, *ends[pile + 1 :]], [position, *tops[pile + 1 :]]
    positions: list[int] = []
    position = tops[-1] if tops else -1
    while position >= 0:
        positions.append(position)
        position = previous[position]
    return positions[::-1]
