"""Ids, time and randomness: the one place they come from, so that tests can hold them still."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by the millisecond it was made in, which keeps B-tree inserts at the end."""
    return UUID(int=uuid7().int)


def made_at(made: UUID) -> datetime | None:
    """When an id of `new_id` was made, to the millisecond; None for an id of another kind."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC) if made.version == 7 else None


def now() -> datetime:
    """The current time in UTC, aware."""
    return datetime.now(UTC)


def new_token(nbytes: int = 32) -> str:
    """A URL-safe secret of `nbytes` random bytes from the operating system (256 bits unless told)."""
    return secrets.token_urlsafe(nbytes)
