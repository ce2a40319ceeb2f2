"""A document taken apart into what the tables hold, and put together again without loss."""

import re
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


def split(document: dict[str, Any]) -> Parts:
    sections: dict[str, list[str]] = {}
    extra: dict[str, Any] = {}
    left = MOST_ITEMS
    for key, value in document.items():
        if _is_section(key, value) and len(value) <= left and len(sections) < MOST_SECTIONS:
            sections[key] = [_text(item) for item in value]
            left -= len(value)
        elif key != "basics":
            extra[key] = value
    basics = _text(document["basics"]) if "basics" in document else None
    return Parts(members=list(document), basics=basics, extra=_text(extra), sections=sections)


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
