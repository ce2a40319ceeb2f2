"""Which entry of a list is which of the next state of the list."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Hashable, Sequence

import msgspec

from api.contents.matching import longest_ascent


class Alignment(msgspec.Struct, frozen=True):
    """Pairs of places (before, after) of entries that stayed or moved; the places before of those that are gone, and
    the places after of new ones."""

    kept: list[tuple[int, int]]
    moved: list[tuple[int, int]]
    removed: list[int]
    added: list[int]


def align(before: Sequence[Hashable], after: Sequence[Hashable]) -> Alignment:
    """Entries that are equal are one, the first with the first; of them as many as possible stayed (the longest
    ascending subsequence), the others moved. In O(n log n), however often an entry occurs."""
    head, tail = _common_ends(before, after)
    middle = range(head, len(after) - tail)
    found = _occurrences(before, after, range(head, len(before) - tail), middle)
    stayed = {middle[place] for place in longest_ascent(found)}
    pairs = [(old, new) for old, new in zip(found, middle, strict=True) if old is not None]
    known = {old for old, _ in pairs}
    ends = [(place, place) for place in range(head)]
    ends += [(len(before) - place, len(after) - place) for place in range(tail, 0, -1)]
    return Alignment(
        kept=sorted(ends + [pair for pair in pairs if pair[1] in stayed]),
        moved=[pair for pair in pairs if pair[1] not in stayed],
        removed=[old for old in range(head, len(before) - tail) if old not in known],
        added=[new for old, new in zip(found, middle, strict=True) if old is None],
    )


def gaps(alignment: Alignment) -> list[tuple[list[int], list[int]]]:
    """What went and what came between two entries that stayed: places before, places after."""
    olds, news = [old for old, _ in alignment.kept], [new for _, new in alignment.kept]
    found: defaultdict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for old in alignment.removed:
        found[bisect_left(olds, old)][0].append(old)
    for new in alignment.added:
        found[bisect_left(news, new)][1].append(new)
    return list(found.values())


def _common_ends(before: Sequence[Hashable], after: Sequence[Hashable]) -> tuple[int, int]:
    """How many entries both begin with, and how many of the others both end with."""
    most = min(len(before), len(after))
    head = next((place for place in range(most) if before[place] != after[place]), most)
    most -= head
    tail = next((place for place in range(most) if before[-1 - place] != after[-1 - place]), most)
    return head, tail


def _occurrences(
    before: Sequence[Hashable], after: Sequence[Hashable], old: range, new: range
) -> list[int | None]:
    """For each place in `new` the one in `old` of the same entry: the first occurrence with the first, and so on."""
    places: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for place in old:
        places[before[place]].append(place)
    return [places[after[place]].popleft() if places[after[place]] else None for place in new]
