"""Text as Chromium sets it, letter by letter, put together to runs.

Its library shows each glyph by itself, at its own place. Readers of PDFs take every glyph for an object then: they leave out
spaces, find others between letters that are kerned, and read the parts of a Devanagari or Thai syllable in the order of their
places. A run is one object (ISO 32000-1, 9.4.3), and a syllable of several glyphs is in one span with the letters it stands for
(14.9.4).
"""

import re
from collections.abc import Callable, Iterator

from processor.rendering.html.fonttables import FontTable
from processor.rendering.html.objects import text_of

_TEXT = re.compile(rb"BT\n(.*?)ET\n", re.DOTALL)
_FONT = re.compile(rb"/F(\d+) (\S+) Tf")
_SHOWN = re.compile(rb"(?:(\S+) (\S+) Td )?<([0-9A-Fa-f]+)> Tj")
_SPAN = re.compile(rb"/Span\s*<<\s*/ActualText (<[0-9A-Fa-f]*>|\(.*\))\s*>>\s*BDC")
_NEARLY_NOTHING = 0.5
"""Thousandths of the size of the text: what a glyph may be out of its place."""
_SAME_PLACE = 0.01


def put_together(content: bytes, font: Callable[[int], FontTable]) -> bytes:
    """The content of a page with its text in runs; `font` gives the table of a font by its number."""
    return _TEXT.sub(lambda text: _Block(font).read(text[1]), content)


class _Block:
    """One text object: what is between BT and ET."""

    def __init__(self, font: Callable[[int], FontTable]) -> None:
        self._find = font
        self._lines: list[bytes] = []
        self._words: list[str] = []
        self._run: list[tuple[float, bytes]] = []
        self._x = self._y = self._run_y = self._out_x = self._out_y = 0.0
        self._size = 0.0
        self._table: FontTable | None = None
        self._last_x = 0.0

    def read(self, text: bytes) -> bytes:
        lines = text.splitlines()
        spans = any(_SPAN.fullmatch(line) for line in lines)
        self._gathers = spans and b"/ReversedChars BMC" not in lines
        depth = 0
        for line in lines:
            if shown := _SHOWN.fullmatch(line):
                self._show(shown, counts=not depth)
            elif self._gathers and (span := _SPAN.fullmatch(line)):
                self._words.append(text_of(span[1]))
                depth += 1
            elif self._gathers and line == b"EMC" and depth:
                depth -= 1
            else:
                self._other(line)
        self._flush()
        return b"".join(self._written())

    def _written(self) -> Iterator[bytes]:
        yield b"BT\n"
        if self._gathers:
            digits = "".join(self._words).encode("utf-16-be").hex().upper().encode()
            yield b"/Span <</ActualText <FEFF%b> >> BDC\n" % digits
        yield from (line + b"\n" for line in self._lines)
        if self._gathers:
            yield b"EMC\n"
        yield b"ET\n"

    def _show(self, shown: re.Match[bytes], *, counts: bool) -> None:
        self._x += float(shown[1] or 0)
        self._y += float(shown[2] or 0)
        if self._run and self._y != self._run_y:
            self._flush()
        if not self._run:
            self._run_y = self._y
        if self._table is None or not self._size:
            raise ValueError("text without a font")
        place = self._x
        for glyph in self._table.glyphs(shown[3]):
            self._run.append((place, glyph))
            place += self._table.width(int(glyph, 16)) * self._size / 1000
            if counts and self._gathers:
                self._words.append(self._table.letters(int(glyph, 16)))

    def _other(self, line: bytes) -> None:
        self._flush()
        if font := _FONT.fullmatch(line):
            self._table, self._size = self._find(int(font[1])), float(font[2])
        elif line.endswith(b" Tm"):
            self._x = self._y = self._out_x = self._out_y = 0.0
            self._last_x = float("-inf")
        self._lines.append(line)

    def _flush(self) -> None:
        if not self._run:
            return
        start = self._run[0][0]
        if 0 < self._last_x - start < _SAME_PLACE:
            start = self._last_x
        self._last_x = max(self._last_x, self._run[-1][0])
        dx, dy = start - self._out_x, self._run_y - self._out_y
        step = b"%b %b Td " % (_number(dx), _number(dy)) if abs(dx) > 1e-4 or abs(dy) > 1e-4 else b""
        if step:
            self._out_x, self._out_y = self._out_x + float(_number(dx)), self._out_y + float(_number(dy))
        self._lines.append(step + self._shown())
        self._run = []

    def _shown(self) -> bytes:
        """The glyphs of the run, and between them how much further back than its width the next one stands."""
        table = self._table
        assert table is not None  # noqa: S101 (seen by the caller)
        parts, pen = bytearray(b"[<"), self._run[0][0]
        for place, glyph in self._run:
            back = (pen - place) * 1000 / self._size
            if abs(back) >= _NEARLY_NOTHING:
                parts += b"> %b <" % _number(back)
                pen -= float(_number(back)) * self._size / 1000
            parts += glyph
            pen += table.width(int(glyph, 16)) * self._size / 1000
        return bytes(parts) + b">] TJ"


def _number(value: float) -> bytes:
    written = f"{value:.3f}".rstrip("0").rstrip(".")
    return b"0" if written in ("", "-0", "-") else written.encode()
