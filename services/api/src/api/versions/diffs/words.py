"""Which words of a text changed, to be coloured."""

import re

import msgspec

from api.versions.diffs.changes import Words

LONGEST = 20_000
"""Characters of a text in which words are looked for."""
_CELLS = 20_000
"""How many pairs of words are compared; beyond them all between the first and the last difference is one range."""
MOST_WORK = 1_500_000
"""Characters and pairs of words that are looked at for one page of changes: about half a second."""
_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")

Range = tuple[int, int]


class Budget(msgspec.Struct):
    """How much may still be looked at. What was begun is finished."""

    left: int = MOST_WORK


def compare(before: str, after: str, budget: Budget) -> Words | None:
    """The ranges that went and came; None for texts that are too long, and where nothing of `budget` is left."""
    if budget.left <= 0 or max(len(before), len(after)) > LONGEST:
        return None
    budget.left -= len(before) + len(after)
    olds, news = _TOKENS.findall(before), _TOKENS.findall(after)
    head = _common(olds, news)
    tail = _common(olds[head:][::-1], news[head:][::-1])
    old, new = olds[head : len(olds) - tail], news[head : len(news) - tail]
    kept = []
    if (cells := len(old) * len(new)) <= _CELLS:
        budget.left -= cells
        kept = _kept(old, new)
    return Words(
        before=_ranges(olds, head, len(olds) - tail, {head + place for place, _ in kept}),
        after=_ranges(news, head, len(news) - tail, {head + place for _, place in kept}),
    )


def _common(one: list[str], other: list[str]) -> int:
    most = min(len(one), len(other))
    return next((place for place in range(most) if one[place] != other[place]), most)


def _kept(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """A longest common subsequence, as pairs of places (dynamic programming from the end)."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below = lengths[i], lengths[i + 1]
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if old[i] == new[j] else max(below[j], row[j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _ranges(tokens: list[str], start: int, end: int, kept: set[int]) -> list[Range]:
    """The places in the text of the tokens from `start` to `end` that are not kept, neighbours as one."""
    found: list[Range] = []
    at = 0
    for place, token in enumerate(tokens):
        following = at + len(token.encode("utf-16-le")) // 2
        if start <= place < end and place not in kept:
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], following)
            else:
                found.append((at, following))
        at = following
    return found
