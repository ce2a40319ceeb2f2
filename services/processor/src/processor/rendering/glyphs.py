"""Which characters the bundled fonts can show, read from their `cmap` tables (OpenType 1.9, formats 4 and 12)."""

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from processor.rendering.fonts import font_folders

# Without a glyph by nature: controls, formats (joiners, direction marks), spaces.
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_LAST = 0x10FFFF
_BASIC, _ALL = 4, 12
"""The formats of subtables that fonts have today: for the basic multilingual plane, for all planes."""


def missing_from_fonts(characters: Iterable[str]) -> set[str]:
    """Those of the characters that no bundled font has."""
    shown = _shown()
    return {one for one in characters if not shown[ord(one)] and not _is_unseen(one)}


def _is_unseen(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return is_selector or unicodedata.category(character) in _UNSEEN


@cache
def _shown() -> bytearray:
    """A byte for each code point, 1 for those that some font has. Reading all fonts takes some hundredths of a second."""
    shown = bytearray(_LAST + 1)
    for font in {path for folder in font_folders() for path in folder.rglob("*.[ot]tf")}:
        for first, last in _ranges(font):
            shown[first : last + 1] = b"\x01" * (last + 1 - first)
    return shown


def _ranges(font: Path) -> Iterator[tuple[int, int]]:
    with TTFont(font, lazy=True) as opened:
        table = opened.reader["cmap"]
    (count,) = struct.unpack_from(">2xH", table)
    starts = {start for _, _, start in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])}
    for start in starts:
        (form,) = struct.unpack_from(">H", table, start)
        if form == _ALL:
            yield from _groups(table[start:])
        elif form == _BASIC:
            yield from _segments(table[start:])


def _groups(subtable: bytes) -> Iterator[tuple[int, int]]:
    (count,) = struct.unpack_from(">12xI", subtable)
    for first, last, _ in struct.iter_unpack(">III", subtable[16 : 16 + 12 * count]):
        yield first, min(last, _LAST)


def _segments(subtable: bytes) -> Iterator[tuple[int, int]]:
    """Segments whose glyphs are listed one by one may have holes, glyph 0; the last segment is none."""
    (size,) = struct.unpack_from(">6xH", subtable)
    lasts, firsts, _, offsets = (
        struct.unpack_from(f">{size // 2}H", subtable, start)
        for start in (14, 16 + size, 16 + 2 * size, 16 + 3 * size)
    )
    for place, (first, last, offset) in enumerate(zip(firsts, lasts, offsets, strict=True)):
        if first == 0xFFFF:
            continue
        if not offset:
            yield first, last
            continue
        listed = 16 + 3 * size + 2 * place + offset
        glyphs = struct.unpack_from(f">{last + 1 - first}H", subtable, listed)
        yield from ((first + n, first + n) for n, glyph in enumerate(glyphs) if glyph)
