"""Ids, time and randomness: the one place they come from, so that tests can hold them still."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by the millisecond it was made in, which keeps B-tree inserts at the end."""
    return UUID(int=uuid7().int)


def now() -> datetime:
    """The current time in UTC, aware."""
    return datetime.now(UTC)


def new_token(nbytes: int = 32) -> str:
    """A URL-safe secret of `nbytes` random bytes from the operating system (256 bits unless told)."""
    return secrets.token_urlsafe(nbytes)
