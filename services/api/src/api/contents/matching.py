"""Which stored item is which item of a new list, and where the new ones rank: ids outlive an edit of the whole."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from typing import TypeVar

import msgspec
from fractional_indexing import generate_key_between, generate_n_keys_between

from api.contents import likeness
from api.contents.likeness import Alike

LONGEST_RANK = 200
"""A rank grows by a character with every few moves into the same gap; before its column is full all are given anew."""

_NEARLY = 2 / 3
"""The share of the likeness of another pair from which on it is not certain which of the two is right."""

R = TypeVar("R", str, int)


class Succession(msgspec.Struct, frozen=True):
    """What became of a list: for each new entry the place before of what it was (None: it is new), and the places of
    those that may be what was hidden, with nothing that tells for certain."""

    origins: list[int | None]
    doubtful: set[int]


def match(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each of `new` the index in `old` of what it was: the same text wherever it stood, else the text most alike,
    else the same place after the same neighbour."""
    return follow(old, new).origins


def follow(old: Sequence[str], new: Sequence[str], *, hidden: Collection[int] = ()) -> Succession:
    """`match`, and which of `new` may be one of those that are `hidden`, places in `old`.

    An edit of one can be told from a new entry only by what they say: so where none is alike to a hidden one that is
    gone, all that is new between the same neighbours is in doubt, and else what is nearly as alike as its successor.
    So is what a hidden one gives its place to.
    """
    found = _same(old, new)
    left = {place: old[place] for place in set(range(len(old))).difference(found)}
    alike = likeness.pairs(left, {place: new[place] for place, origin in enumerate(found) if origin is None})
    for place, origin in likeness.best(alike).items():
        found[place] = origin
    gone = set(hidden).intersection(left)
    doubtful = _nearly(found, gone, alike) | _in_gaps(found, gone.difference(found))
    unlike = [place for place, origin in enumerate(found) if origin is None]
    _by_place(found, len(old))
    return Succession(found, doubtful.union(place for place in unlike if found[place] in gone))


def _same(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    places: defaultdict[str, deque[int]] = defaultdict(deque)
    for index, text in enumerate(old):
        places[text].append(index)
    return [places[text].popleft() if places[text] else None for text in new]


def _by_place(found: list[int | None], count: int) -> None:
    """Let entries without an origin be what of `count` old ones came after the same neighbour, if that is left."""
    taken = {index for index in found if index is not None}
    before = -1
    for position, place in enumerate(list(found)):
        following = before + 1
        if place is not None:
            before = place
        elif following < count and following not in taken:
            before = found[position] = following
            taken.add(following)


def _nearly(found: Sequence[int | None], gone: set[int], alike: Sequence[Alike]) -> set[int]:
    """The new entries that are nearly as alike to one of `gone`, which are hidden, as what became of that one; or, if
    nothing did, as what they themselves are taken for."""
    chosen = [pair for pair in alike if found[pair.new] == pair.old]
    of_old = {pair.old: pair.share for pair in chosen}
    of_new = {pair.new: pair.share for pair in chosen}
    return {
        pair.new
        for pair in alike
        if pair.old in gone
        and found[pair.new] != pair.old
        and (pair.new not in of_new or pair.old not in of_old)
        and pair.share >= _NEARLY * max(of_old.get(pair.old, 0), of_new.get(pair.new, 0))
    }


def _in_gaps(found: Sequence[int | None], lost: set[int]) -> set[int]:
    """The new entries that stand between the same neighbours as one of `lost` did."""
    stayed = [origin for place in longest_ascent(found) if (origin := found[place]) is not None]
    gaps = {bisect_left(stayed, place) for place in lost}
    gap, places = 0, set()
    for place, origin in enumerate(found):
        if origin is None and gap in gaps:
            places.add(place)
        gap += gap < len(stayed) and origin == stayed[gap]
    return places


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
