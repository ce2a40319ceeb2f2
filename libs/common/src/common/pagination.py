"""Lists, newest first: opaque cursors over UUIDv7 ids, which stay where they are when rows are inserted."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from litestar.params import QueryParameter

from common.problems import FieldError, ValidationFailed

PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")]
Cursor = Annotated[str | None, QueryParameter(description="`nextCursor` of the page before")]

DEFAULT_PAGE_SIZE = 20


class Identified(Protocol):
    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Identified)


def after(cursor: str | None) -> UUID | None:
    """The id that the page begins after; None for the first page. Raises ValidationFailed for a made-up cursor."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=="))
    except (binascii.Error, ValueError) as error:
        message = "Not a cursor that this list gave."
        raise ValidationFailed(message, errors=[FieldError("$.cursor", message)]) from error


def cut(rows: Sequence[R], limit: int) -> tuple[Sequence[R], str | None]:
    """A page of `limit` rows out of `limit + 1`, and the cursor of the next page if there is one."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], urlsafe_b64encode(rows[limit - 1].id.bytes).decode().rstrip("=")
