"""The piece of a text in which words were found."""

from collections.abc import Iterator, Sequence

import msgspec

from api.search import folding
from api.search.parsing import Clause
from api.search.schemas import Range

MOST = 3
"""Excerpts of one resume."""
LENGTH = 160
LEAD = 40
"""Characters of an excerpt, and of those before the first word that was found."""

Placed = Sequence[tuple[str, int, int]]


class Excerpt(msgspec.Struct, frozen=True):
    text: str
    ranges: list[Range]


def excerpt(text: str, clauses: Sequence[Clause]) -> Excerpt | None:
    """The first line of `text` that has words of `clauses`, or the part of it around the first of them."""
    for line in text.split("\n"):
        placed = folding.placed(line)
        spots = _merged(sorted(spot for clause in clauses for spot in _spots(placed, clause)))
        if spots:
            start, end = _window(line, placed, spots[0])
            shown = [Range(start=a - start, end=b - start) for a, b in spots if a >= start and b <= end]
            return Excerpt(line[start:end], shown)
    return None


def _spots(placed: Placed, clause: Clause) -> Iterator[tuple[int, int]]:
    """From where to where the words of `clause` stand one after the other."""
    *firm, last = clause.words
    for place in range(len(placed) - len(firm)):
        here = placed[place : place + len(clause.words)]
        word = here[-1][0]
        if [spelt for spelt, _, _ in here[:-1]] == firm and (
            word.startswith(last) if clause.is_open else word == last
        ):
            yield here[0][1], here[-1][2]


def _merged(spots: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in spots:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _window(line: str, placed: Placed, spot: tuple[int, int]) -> tuple[int, int]:
    """Where the excerpt around `spot` begins and ends: between words, and with all of `spot` in it."""
    if len(line) <= LENGTH:
        return 0, len(line)
    start = min((a for _, a, _ in placed if a >= spot[0] - LEAD), default=spot[0])
    start = min(start, spot[0])
    end = max((b for _, _, b in placed if b <= start + LENGTH), default=spot[1])
    return start, max(end, spot[1])
