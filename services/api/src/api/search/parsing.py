"""What somebody typed into the search field, as what the databases are asked."""

import re

import msgspec

from api.search import folding

_PART = re.compile(r'"(?P<phrase>[^"]*)(?P<closed>"?)|[^\s"]+')


class Clause(msgspec.Struct, frozen=True):
    """Words that must follow each other. If `is_open`, the last may go on: it was still being typed."""

    words: tuple[str, ...]
    is_open: bool = False


def parse(text: str) -> list[Clause]:
    """Everything that must be found: each word, each "quoted phrase"; the last word as the beginning of one.

    There are no operators: every other sign only parts words. `node.js` is the two words, one after the other.
    """
    found: dict[Clause, None] = {}
    parts = list(_PART.finditer(text.replace("\0", "")))  # as in the texts
    for part in parts:
        words = tuple(folding.words(_one_line(part["phrase"] if part["phrase"] is not None else part[0])))
        if words:
            found[Clause(words, part is parts[-1] and not part["closed"])] = None
    return list(found)


def _one_line(text: str) -> str:
    return " ".join(text.split())
