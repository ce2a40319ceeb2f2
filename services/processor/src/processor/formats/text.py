"""Plain text: lines of 80 columns, headings underlined, lists with hyphens."""

import re
import unicodedata
from collections.abc import Iterable

from processor.formats.blocks import Block, Part, blocks_of
from processor.formats.reading import Outlined

WIDTH = 80
_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_SPACES = re.compile(r"[ \t]+")
# What may not begin a line where lines are broken between any two characters (JIS X 4051, the common part).
_NOT_FIRST = "、。，．・：；？！）］｝」』】〉》〕”’ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"  # noqa: RUF001
_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})
_UNDERLINES = {"name": "=", "heading": "-"}
_HANGING = {"bullet": "- ", "term": "- ", "quote": "  "}
_TIGHT = frozenset({"contact", "bullet", "term", "words", "details", "headline"})
"""Roles whose blocks follow each other without an empty line."""
_BETWEEN = " | "


def write_text(outline: Outlined) -> str:
    lines: list[str] = []
    before: Block | None = None
    for block in blocks_of(outline):
        if before is not None and not _is_close(before, block):
            lines.append("")
        lines += _block(block)
        before = block
    return "\n".join(lines) + "\n"


def _is_close(above: Block, below: Block) -> bool:
    """Whether no line is left empty between them."""
    if (above.role, below.role) in {("name", "headline"), ("entry", "details"), ("entry", "tagline")}:
        return True
    return above.role == below.role and below.role in _TIGHT


def _block(block: Block) -> list[str]:
    start = _HANGING.get(block.role, "")
    follow = " " * len(start)
    lines = [
        (follow if number else start) + line for number, line in enumerate(_lines(block, WIDTH - len(start)))
    ]
    if block.role in _UNDERLINES and lines:
        lines.append(_UNDERLINES[block.role] * min(max(map(width, lines)), WIDTH))
    return lines


def _lines(block: Block, most: int) -> list[str]:
    parts = [*(_said(part) for part in block.parts if part.text), *filter(None, [block.dates])]
    if block.role == "address":
        return [line for part in parts for line in _wrapped(part, most)]
    if block.role == "details":
        return _filled(parts, most)
    if block.role == "term":
        head = f"{block.head} ({block.note})" if block.head and block.note else block.head or block.note
        return _wrapped(": ".join(filter(None, [head, _BETWEEN.join(parts)])), most)
    return _wrapped(", ".join(parts), most)


def _filled(parts: Iterable[str], most: int) -> list[str]:
    """Lines of parts, none of which is broken that fits on a line of its own."""
    lines: list[str] = []
    for part in parts:
        if lines and width(lines[-1]) + len(_BETWEEN) + width(part) <= most:
            lines[-1] += _BETWEEN + part
        else:
            lines += _wrapped(part, most)
    return lines


def _said(part: Part) -> str:
    return f"{part.label}: {part.text}" if part.label else part.text


def width(text: str) -> int:
    """The columns that `text` takes on a terminal: two for each wide character (UAX 11), none for marks that combine."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrapped(text: str, most: int = WIDTH) -> list[str]:
    """`text` in lines of at most `most` columns. Words are not broken, however long, but between wide characters."""
    lines, line, used = [], "", 0
    for piece in _pieces(_SPACES.sub(" ", _BREAKS.sub(" ", text)).strip()):
        columns = width(piece)
        if line and used + width(piece.rstrip(" ")) > most:
            lines.append(line.rstrip(" "))
            line, used = "", 0
        line, used = line + piece, used + columns
    return [*lines, line.rstrip(" ")] if line else lines


def _pieces(text: str) -> Iterable[str]:
    """What may not be broken: words with the space behind them, wide characters with what may not begin a line."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if before == " ":
        return after != " "
    is_wide = unicodedata.east_asian_width(before) == unicodedata.east_asian_width(after) == "W"
    return is_wide and after not in _NOT_FIRST and unicodedata.category(after) not in _NO_WIDTH
