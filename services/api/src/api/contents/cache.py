"""The cache before the contents of resumes.

A pointer says who owns a resume and which version is current; a content is kept under its version, and the moment of
that, and so never goes stale: after a database was restored from a backup the same number comes again, at another time.
Pointers come from the database, and every change makes all replicas drop theirs (`api.pointers`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.pointers import Pointers, Reading
from api.responses.scopes import mark
from common.bus import Bus
from common.kv import Bucket
from common.streams import RESUME_CACHE

KEPT_FOR = 3600
"""Seconds that the bucket keeps what is put into it."""


class State(NamedTuple):
    """Which version of a resume something is of, and since when that is: in no other history is both the same."""

    version: int
    updated_at: datetime

    @property
    def token(self) -> str:
        """The moment in microseconds since 1970."""
        return str((self.updated_at - _EPOCH) // timedelta(microseconds=1))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Pointer(msgspec.Struct, frozen=True):
    """Which version of a resume is current, of which moment (`State.token`), and whose it is."""

    owner: str
    version: int
    token: str = ""


_pointer = msgspec.json.Decoder(Pointer)


class Content(msgspec.Struct, frozen=True):
    """A document as it goes out; `cached_at` is when it was put into the cache, None if it comes from the database."""

    version: int
    token: str
    body: bytes
    cached_at: datetime | None = None


class ContentCache:
    """`relays` as of `Pointers`; `lists_changed` is called with an owner whose resume changed, anywhere."""

    def __init__(
        self,
        bus: Bus,
        *,
        relays: Callable[[], bool],
        lists_changed: Callable[[str], None] = lambda _owner: None,
    ) -> None:
        self._bucket = Bucket(bus, RESUME_CACHE)
        self._pointers = Pointers(bus, self._bucket, ttl=KEPT_FOR, relays=relays)
        self._lists_changed = lists_changed
        self._bucket.watch(self._heard)
        self._puts: set[asyncio.Task[bool]] = set()

    def near(self, resume_id: UUID, owner: str) -> Content | None:
        """What this process has at hand of the resume of `owner`; never waits."""
        key = f"resume.{resume_id}"
        found = self._pointers.near(key)
        if found is None:
            return None
        pointer = _pointer.decode(found)
        content = self._bucket.near(f"{key}.v{pointer.version}.{pointer.token}")
        if content is None or pointer.owner != owner:
            return None
        return Content(pointer.version, pointer.token, content.value, content.stored_at)

    async def far(self, resume_id: UUID, state: State) -> Content | None:
        """The content of that state, from this process or from the bucket."""
        found = await self._bucket.get(_key(resume_id, state.version, state.token))
        return None if found is None else Content(state.version, state.token, found.value, found.stored_at)

    @asynccontextmanager
    async def reading(self, resume_id: UUID) -> AsyncIterator["PointerReading"]:
        """Around a read of the database whose outcome is to be remembered: a change meanwhile makes it forgotten."""
        with self._pointers.reading(f"resume.{resume_id}") as reading:
            yield PointerReading(reading)

    def keep(self, resume_id: UUID, content: Content) -> None:
        """Put a content into the cache, without waiting for the bucket."""
        key = _key(resume_id, content.version, content.token)
        self._bucket.remember(key, content.body)
        put = asyncio.create_task(self._bucket.put(key, content.body, ttl=KEPT_FOR))
        self._puts.add(put)
        put.add_done_callback(self._puts.discard)

    def changed(self, db: AsyncSession, *, resume_id: UUID, owner_id: UUID, state: State) -> None:
        """Announce a new version with this transaction, and forget the old one here as soon as it has committed.

        What is cached of the owner's lists ends with it, here and wherever the news is heard.
        """
        pointer = Pointer(str(owner_id), state.version, state.token)
        self._pointers.changed(db, f"resume.{resume_id}", msgspec.json.encode(pointer))
        mark(db, owner_id, is_told=True)

    def _heard(self, key: str, value: bytes) -> None:
        if key.startswith("resume.") and key.count(".") == 1 and value:
            self._lists_changed(_pointer.decode(value).owner)


class PointerReading:
    """A read of a pointer under way; `remember` its outcome before it ends."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def remember(self, pointer: Pointer) -> None:
        self._reading.remember(msgspec.json.encode(pointer))


def _key(resume_id: UUID, version: int, token: str) -> str:
    return f"resume.{resume_id}.v{version}.{token}"
