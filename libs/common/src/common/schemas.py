"""The bases of what goes in and out over HTTP and messages."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.enums import RequestEncodingType
from litestar.params import Body

T = TypeVar("T")


class Schema(msgspec.Struct, rename="camel", kw_only=True):
    """What goes out: camelCase JSON."""


class Command(msgspec.Struct, rename="camel", kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What comes in: camelCase JSON, and a field nobody knows is refused with its name."""


class Page(Schema, Generic[T]):
    """One page of a list, and the cursor of the next (null at the end)."""

    items: list[T]
    next_cursor: str | None = None


JSONBody = Annotated[T, Body(media_type=RequestEncodingType.JSON)]

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f]*$(?!\n)"
"""The pattern of one line of text that a person typed. (`$` alone would let a newline at the end pass.)"""


def read(kind: type[T], source: Any) -> T:
    """`source` (a model, say) as the Struct `kind`, by attribute names."""
    return msgspec.convert(source, kind, from_attributes=True)


def rfc3339(at: datetime) -> str:
    """`at` (aware, UTC) as RFC 3339 with `Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
