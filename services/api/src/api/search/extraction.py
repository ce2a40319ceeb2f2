"""The texts of a resume that can be found, cut into rows of the index."""

from collections.abc import Iterator
from typing import Any

from api.contents import codec

ROW = 1500
"""Characters of text in one row: an index has bounds on what it can hold of one, and excerpts are cut from them."""
OVERLAP = 100
"""Characters of a long text that are in two rows, so that a phrase is whole in one of them."""


def texts(json: str) -> list[str]:
    """Rows for all strings in JSON, one text a line."""
    return rows(leaves(codec.decode(json)))


def leaves(value: Any) -> Iterator[str]:
    """Every string in `value` but its members' names, on one line; not files that are written into it."""
    if isinstance(value, str):
        line = " ".join(value.replace("\0", "").split())
        if line and not _is_file(line):
            yield line
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from leaves(child)


def rows(lines: Iterator[str]) -> list[str]:
    """`lines` together, as many as fit into each row."""
    found: list[str] = []
    for line in (piece for whole in lines for piece in _pieces(whole)):
        if found and len(found[-1]) + len(line) < ROW:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


def _pieces(line: str) -> Iterator[str]:
    while len(line) > ROW:
        end = _space(line, ROW // 2, ROW) or ROW
        yield line[:end]
        line = line[(_space(line, end - OVERLAP, end) or end - OVERLAP) :].lstrip()
    yield line


def _space(line: str, start: int, end: int) -> int:
    """The last space in a stretch of `line`, 0 if there is none."""
    return max(line.rfind(" ", start, end), 0)


def _is_file(line: str) -> bool:
    return line.startswith("data:") and ";base64," in line[:200]
