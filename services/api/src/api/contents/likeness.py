"""How alike two entries are: which of those that came is one that went, edited."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

ALIKE = 1 / 3
"""The share of what two entries say from which on they are taken for one that was changed."""

MOST_PAIRS = 10_000
"""Pairs that are all compared. Of more, each entry is compared with those near it and those that share rare words."""

_NEAR = 4
_MOST_WORDS = 200
"""Words of one entry that are looked at."""
_RARE = 16
"""Entries that a rare word may be in."""
_SHARING = 8
"""Entries that one is compared with for the words that they share."""

_KEY = re.compile(r'"(?:[^"\\]|\\.)*"(:)?')
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Kana, Han and Hangul: their signs count as words each."""
_WORDS = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


class Alike(msgspec.Struct, frozen=True):
    """A pair of entries, by their places before and after, and how alike they are: more than `ALIKE`, 1 at most."""

    old: int
    new: int
    share: float


class Said(msgspec.Struct, frozen=True):
    """What an entry is known by: the words in its values, and the members that it has if it is an object."""

    words: frozenset[str]
    members: frozenset[tuple[str, bytes]]


_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def said(text: str) -> Said:
    """What compact JSON says. The names of members are no words: they say nothing of an entry."""
    values = _KEY.sub(lambda found: " " if found[1] else found[0], text)
    words = frozenset(found[0] for found in islice(_WORDS.finditer(values), _MOST_WORDS))
    members = _object.decode(text) if text.startswith("{") else {}
    return Said(words, frozenset((name, bytes(value)) for name, value in members.items()))


def share(one: Said, other: Said) -> float:
    """How much of all words, or of all members, of two entries both have, from 0 to 1."""
    return max(_common(one.words, other.words), _common(one.members, other.members))


def _common(one: frozenset[Any], other: frozenset[Any]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common or 1)


def pairs(old: Mapping[int, str], new: Mapping[int, str]) -> list[Alike]:
    """Of entries, compact JSON by their place, each with those that it is alike to: the most alike first, of those the
    nearest. In O(n log n): of very many, not all are compared with all."""
    before = {place: said(text) for place, text in old.items()}
    after = {place: said(text) for place, text in new.items()}
    compared = (
        Alike(one, other, share(before[one], after[other])) for one, other in _candidates(before, after)
    )
    found = [pair for pair in compared if pair.share >= ALIKE]
    return sorted(found, key=lambda pair: (-pair.share, abs(pair.old - pair.new), pair.old))


def best(alike: Iterable[Alike]) -> dict[int, int]:
    """Which new entry is which old one: each is one at most, the most alike are chosen first."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    for pair in alike:
        if pair.new not in found and pair.old not in taken:
            found[pair.new] = pair.old
            taken.add(pair.old)
    return found


def _candidates(old: Mapping[int, Said], new: Mapping[int, Said]) -> Iterator[tuple[int, int]]:
    if len(old) * len(new) <= MOST_PAIRS:
        yield from ((one, other) for one in old for other in new)
        return
    places = sorted(new)
    entries = _with_rare_words(new)
    for number, one in enumerate(sorted(old)):
        sharing = Counter(other for word in old[one].words for other in entries.get(word, ()))
        near = {*_around(places, number), *_around(places, number + len(places) - len(old))}
        yield from ((one, other) for other in near | {other for other, _ in sharing.most_common(_SHARING)})


def _around(places: Sequence[int], number: int) -> Sequence[int]:
    return places[max(0, number - _NEAR) : max(0, number + _NEAR + 1)]


def _with_rare_words(entries: Mapping[int, Said]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in entries.items():
        for word in entry.words:
            found[word].append(place)
    return {word: places for word, places in found.items() if len(places) <= _RARE}
