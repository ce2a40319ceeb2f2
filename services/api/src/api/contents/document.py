"""A document taken apart into what the tables hold, and put together again without loss."""

import re
from collections.abc import Collection
from typing import Any

import msgspec

from api.contents import codec

MOST_SECTIONS = 100
MOST_ITEMS = 5000
"""Rows that one resume may have. A list beyond them is kept too, whole, among the members that are no sections."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_NO_SECTIONS = frozenset({"basics", "meta"})


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it is stored; every value is JSON text. `sections` maps a name to its items."""

    members: list[str]
    basics: str | None
    extra: str
    sections: dict[str, list[str]]


def split(document: dict[str, Any], *, first: Collection[str] = ()) -> Parts:
    """The parts of `document`. Lists in `first` get their rows first, others in the order of the document."""
    names = _sections(document, first)
    sections = {key: [_text(item) for item in document[key]] for key in document if key in names}
    extra = {key: value for key, value in document.items() if key not in names and key != "basics"}
    basics = _text(document["basics"]) if "basics" in document else None
    return Parts(members=list(document), basics=basics, extra=_text(extra), sections=sections)


def _sections(document: dict[str, Any], first: Collection[str]) -> set[str]:
    """The members of `document` that are sections, as far as there is room for their rows."""
    found: set[str] = set()
    left = MOST_ITEMS
    for key in sorted(document, key=lambda key: key not in first):
        value = document[key]
        if _is_section(key, value) and len(value) <= left and len(found) < MOST_SECTIONS:
            found.add(key)
            left -= len(value)
    return found


def join(parts: Parts) -> bytes:
    """The document as compact JSON, its members in the order they came."""
    known: dict[str, Any] = msgspec.json.decode(parts.extra, type=dict[str, msgspec.Raw])
    known |= {kind: [_raw(item) for item in items] for kind, items in parts.sections.items()}
    if parts.basics is not None:
        known["basics"] = _raw(parts.basics)
    return msgspec.json.encode({member: known.get(member, []) for member in parts.members})


def may_be_section(name: str) -> bool:
    """Whether the member `name` of a document is a section if it is a list."""
    return name not in _NO_SECTIONS and bool(_NAME.fullmatch(name))


def _is_section(key: str, value: Any) -> bool:
    return isinstance(value, list) and may_be_section(key)


def _text(value: Any) -> str:
    return codec.encode(value).decode()


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())
