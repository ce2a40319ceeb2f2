"""Cursors of lists that their writers order: the last of a page, and where it stood in case it is gone."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from common.problems import FieldError, ValidationFailed

_RANK = re.compile(r"[0-9A-Za-z]{1,255}")


class Listed(Protocol):
    """A row of such a list; `ranks` order it."""

    @property
    def id(self) -> UUID: ...
    @property
    def ranks(self) -> tuple[str, ...]: ...


R = TypeVar("R", bound=Listed)


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """What a page ended with, and the ranks that it had then."""

    id: UUID
    ranks: tuple[str, ...]


_decoder = msgspec.json.Decoder(Cursor)


def read(text: str | None, *, ranks: int) -> Cursor | None:
    """The cursor of a list that so many `ranks` order; None for its first page. Raises ValidationFailed for another."""
    if text is None:
        return None
    try:
        cursor = _decoder.decode(urlsafe_b64decode(text + "=="))
    except (msgspec.DecodeError, ValueError) as error:
        raise _refused() from error
    if len(cursor.ranks) != ranks or not all(_RANK.fullmatch(rank) for rank in cursor.ranks):
        raise _refused()
    return cursor


def cut(rows: Sequence[R], limit: int) -> tuple[Sequence[R], str | None]:
    """A page of `limit` rows out of at least one more, if there is one, and the cursor of the next page."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    text = msgspec.json.encode(Cursor(last.id, last.ranks))
    return rows[:limit], urlsafe_b64encode(text).decode().rstrip("=")


def _refused() -> ValidationFailed:
    message = "Not a cursor that this list gave."
    return ValidationFailed(message, errors=[FieldError("$.cursor", message)])
