"""The bases of what goes in and out over HTTP and messages."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.enums import RequestEncodingType
from litestar.params import Body

T = TypeVar("T")


class Schema(msgspec.Struct, rename="camel", kw_only=True):
    """What goes out: camelCase JSON."""


class Command(msgspec.Struct, rename="camel", kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What comes in: camelCase JSON. Refused with its name: a field nobody knows, a time that UTC cannot say."""

    def __post_init__(self) -> None:
        check_times(self)


def check_times(given: msgspec.Struct) -> None:
    """Raises ValueError if a time among the fields, with its offset taken off, is not in the years 1 to 9999."""
    for name, encoded in zip(given.__struct_fields__, given.__struct_encode_fields__, strict=True):
        value = getattr(given, name)
        if isinstance(value, datetime):
            try:
                value.astimezone(UTC)
            except OverflowError as error:
                raise ValueError(f"The time in the field `{encoded}` is beyond all years in UTC") from error


class Page(Schema, Generic[T]):
    """One page of a list, and the cursor of the next (null at the end)."""

    items: list[T]
    next_cursor: str | None = None


JSONBody = Annotated[T, Body(media_type=RequestEncodingType.JSON)]

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f]*$(?!\n)"
"""The pattern of one line of text that a person typed. (`$` alone would let a newline at the end pass.)"""
NO_NULLS = r"^[^\x00]*$"
"""The pattern of any other text that a column keeps: PostgreSQL takes no null characters."""


def read(kind: type[T], source: Any) -> T:
    """`source` (a model, say) as the Struct `kind`, by attribute names."""
    return msgspec.convert(source, kind, from_attributes=True)


def rfc3339(at: datetime) -> str:
    """`at` (aware, UTC) as RFC 3339 with `Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
