"""A PDF as Chromium's library writes it: plain objects, one after the other, and a table of where each begins (ISO 32000-1,
7.5.4). It is taken apart by that table and put together again.
"""

import re
import zlib
from collections.abc import Iterator, MutableMapping
from itertools import pairwise

_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_TABLE = re.compile(rb"xref\s+0 (\d+)\s+")
_ENTRY = 20
_OBJECT = re.compile(rb"\d+ 0 obj\s*(.*?)\s*endobj\s*\Z", re.DOTALL)
_STREAM = re.compile(rb"(.*?>>) stream\r?\n(.*)\r?\nendstream\Z", re.DOTALL)
_LENGTH = re.compile(rb"/Length \d+")
_FLATE = b"/Filter /FlateDecode"
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


class Objects(MutableMapping[int, bytes]):
    """The objects of a file by their number, each as it is written between `obj` and `endobj`."""

    def __init__(self, header: bytes, objects: dict[int, bytes], trailer: bytes) -> None:
        self._header, self._objects, self._trailer = header, objects, trailer

    @classmethod
    def read(cls, pdf: bytes) -> "Objects":
        """Raises ValueError for a file that is made otherwise."""
        start = _START.search(pdf)
        table = _TABLE.match(pdf, int(start[1])) if start else None
        if start is None or table is None:
            raise ValueError("no table of objects")
        entries = (
            pdf[at : at + _ENTRY] for at in range(table.end(), table.end() + _ENTRY * int(table[1]), _ENTRY)
        )
        places = {number: int(entry[:10]) for number, entry in enumerate(entries) if entry[17:18] == b"n"}
        ends = [*sorted(places.values()), int(start[1])]
        following = dict(pairwise(ends))
        found = {number: _OBJECT.match(pdf[at : following[at]]) for number, at in places.items()}
        trailer = pdf[table.end() + _ENTRY * int(table[1]) : start.start()]
        if not places or not trailer.startswith(b"trailer") or None in found.values():
            raise ValueError("objects that are not where they should be")
        header = pdf[: ends[0]]
        return cls(header, {number: match[1] for number, match in found.items() if match}, trailer)

    def write(self) -> bytes:
        parts, places, at = [self._header], {}, len(self._header)
        for number in sorted(self._objects):
            part = b"%d 0 obj\n%b\nendobj\n" % (number, self._objects[number])
            places[number], at = at, at + len(part)
            parts.append(part)
        size = max(places) + 1
        table = b"".join(
            b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
            for number in range(size)
        )
        trailer = re.sub(rb"/Size \d+", b"/Size %d" % size, self._trailer)
        parts.append(b"xref\n0 %d\n%b%bstartxref\n%d\n%%%%EOF\n" % (size, table, trailer, at))
        return b"".join(parts)

    def add(self, body: bytes) -> int:
        """A new object; its number."""
        number = max(self._objects) + 1
        self._objects[number] = body
        return number

    def trailer_reference(self, name: bytes) -> int:
        """The number of the object that the trailer names so. Raises ValueError."""
        found = re.search(rb"/%b (\d+) 0 R" % name, self._trailer)
        if found is None:
            raise ValueError(f"no {name.decode()}")
        return int(found[1])

    def stream(self, number: int) -> bytes:
        """The content of a stream."""
        head, data = self._parts(number)
        return zlib.decompress(data) if _FLATE in head else data

    def set_stream(self, number: int, content: bytes) -> None:
        """Give a stream, which is compressed or not at all, other content."""
        head, _ = self._parts(number)
        data = zlib.compress(content) if _FLATE in head else content
        head = _LENGTH.sub(b"/Length %d" % len(data), head)
        self._objects[number] = b"%b stream\n%b\nendstream" % (head, data)

    def _parts(self, number: int) -> tuple[bytes, bytes]:
        found = _STREAM.match(self._objects[number])
        if found is None:
            raise ValueError("no stream")
        return found[1], found[2]

    def __getitem__(self, number: int) -> bytes:
        return self._objects[number]

    def __setitem__(self, number: int, body: bytes) -> None:
        self._objects[number] = body

    def __delitem__(self, number: int) -> None:
        del self._objects[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)


def text_string(text: str) -> bytes:
    """A text as a file has it, in the form that `text_of` reads."""
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode()


def text_of(written: bytes) -> str:
    """A text string as it is written in a file: `(in letters)` or `<FEFF…>` (7.9.2)."""
    if written.startswith(b"<"):
        plain = bytes.fromhex(written[1:-1].decode())
    else:
        plain = _ESCAPED.sub(
            lambda found: bytes([int(found[1], 8) & 255]) if found[1][:1].isdigit() else found[1],
            written[1:-1],
        )
    return (
        plain[2:].decode("utf-16-be", "replace") if plain.startswith(b"\xfe\xff") else plain.decode("latin-1")
    )
