"""What the fonts in a PDF of Chromium say of their glyphs: how wide each is, and which letters it stands for."""

import re
from collections.abc import Iterator, Mapping

from processor.rendering.html.objects import Objects

_DESCENDANT = re.compile(rb"/DescendantFonts \[(\d+) 0 R\]")
_TO_UNICODE = re.compile(rb"/ToUnicode (\d+) 0 R")
_WIDTHS_BY_ID = re.compile(rb"(\d+) \[([^\]]*)\]|(\d+) (\d+) (-?[\d.]+)")
_WIDTHS = re.compile(rb"/Widths \[([^\]]*)\]")
_FIRST = re.compile(rb"/FirstChar (\d+)")
_MATRIX = re.compile(rb"/FontMatrix \[(\S+)")
_DEFAULT = re.compile(rb"/DW (-?[\d.]+)")
_ONES = re.compile(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>\s*(?=\n|$)")
_RANGES = re.compile(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>")
_BLOCKS = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)


class FontTable:
    """One font. Widths are in thousandths of its size, `digits` are those of a glyph in hexadecimal. A glyph that stands for
    nothing has no letters, and `has_unread` says whether one of those was shown."""

    def __init__(
        self, widths: Mapping[int, float], default: float, letters: Mapping[int, str], *, digits: int = 4
    ) -> None:
        self._widths, self._default, self._letters = widths, default, letters
        self._digits = digits
        self.has_unread = False

    @classmethod
    def read(cls, objects: Objects, number: int) -> "FontTable":
        """Raises ValueError for a font that is told of in another way."""
        font = objects[number]
        letters = dict(_letters(objects, font))
        if found := _DESCENDANT.search(font):
            descendant = objects[int(found[1])]
            default = _DEFAULT.search(descendant)
            return cls(dict(_by_id(descendant)), float(default[1]) if default else 1000, letters)
        widths, first, matrix = _WIDTHS.search(font), _FIRST.search(font), _MATRIX.search(font)
        if widths is None or first is None or matrix is None:
            raise ValueError("a font without widths")
        unit = float(matrix[1]) * 1000
        simple = enumerate(map(float, widths[1].split()), start=int(first[1]))
        return cls({glyph: width * unit for glyph, width in simple}, 0, letters, digits=2)

    def glyphs(self, shown: bytes) -> list[bytes]:
        """The glyphs of a string in hexadecimal."""
        return [shown[at : at + self._digits] for at in range(0, len(shown), self._digits)]

    def width(self, glyph: int) -> float:
        self.has_unread = self.has_unread or glyph not in self._letters
        return self._widths.get(glyph, self._default)

    def letters(self, glyph: int) -> str:
        return self._letters.get(glyph, "")


def _by_id(font: bytes) -> Iterator[tuple[int, float]]:
    start = font.find(b"/W [")
    for first, listed, low, high, width in _WIDTHS_BY_ID.findall(
        font, start + 4 if start >= 0 else len(font)
    ):
        if low:
            yield from ((glyph, float(width)) for glyph in range(int(low), int(high) + 1))
        else:
            yield from enumerate(map(float, listed.split()), start=int(first))


def _letters(objects: Objects, font: bytes) -> Iterator[tuple[int, str]]:
    found = _TO_UNICODE.search(font)
    table = objects.stream(int(found[1])) if found else b""
    for kind, block in _BLOCKS.findall(table):
        if kind == b"char":
            yield from ((int(glyph, 16), _utf16(letters)) for glyph, letters in _ONES.findall(block))
            continue
        for low, high, start in _RANGES.findall(block):
            first = int(start, 16)
            for step in range(int(high, 16) - int(low, 16) + 1):
                yield int(low, 16) + step, _utf16(b"%0*x" % (len(start), first + step))


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")
