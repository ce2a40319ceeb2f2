"""The cache before the contents of resumes.

A pointer says who owns a resume and which version is current; a content is kept under its version and so never goes
stale. Pointers live in the near-cache alone and come from the database: every change publishes the new one to the
bucket, which makes all replicas drop theirs. While NATS is away nothing is cached, so nothing can be stale.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus import Bus
from common.kv import Bucket
from common.outbox import emit
from common.streams import RESUME_CACHE

KEPT_FOR = 3600
"""Seconds that the bucket keeps what is put into it."""


class Pointer(msgspec.Struct, frozen=True):
    """Which version of a resume is current, and whose it is."""

    owner: str
    version: int


_pointer = msgspec.json.Decoder(Pointer)


class Content(msgspec.Struct, frozen=True):
    """A document as it goes out; `cached_at` is when it was put into the cache, None if it comes from the database."""

    version: int
    body: bytes
    cached_at: datetime | None = None


class ContentCache:
    def __init__(self, bus: Bus) -> None:
        self._bucket = Bucket(bus, RESUME_CACHE)
        self._bucket.watch(self._seen)
        bus.on_disconnect(self._disconnected)
        self._reading: dict[str, object] = {}
        self._puts: set[asyncio.Task[bool]] = set()

    def near(self, resume_id: UUID, owner: str) -> Content | None:
        """What this process has at hand of the resume of `owner`; never waits."""
        key = f"resume.{resume_id}"
        found = self._bucket.near(key)
        if found is None:
            return None
        pointer = _pointer.decode(found.value)
        content = self._bucket.near(f"{key}.v{pointer.version}")
        if content is None or pointer.owner != owner:
            return None
        return Content(pointer.version, content.value, content.stored_at)

    async def far(self, resume_id: UUID, version: int) -> Content | None:
        """The content of that version, from this process or from the bucket."""
        found = await self._bucket.get(_key(resume_id, version))
        return None if found is None else Content(version, found.value, found.stored_at)

    @asynccontextmanager
    async def reading(self, resume_id: UUID) -> AsyncIterator["Reading"]:
        """Around a read of the database whose outcome is to be remembered: a change meanwhile makes it forgotten."""
        key, token = f"resume.{resume_id}", object()
        self._reading[key] = token
        try:
            yield Reading(self, key, token)
        finally:
            if self._reading.get(key) is token:
                del self._reading[key]

    def remember(self, key: str, token: object, pointer: Pointer) -> None:
        if self._reading.get(key) is token:
            self._bucket.remember(key, msgspec.json.encode(pointer))

    def keep(self, resume_id: UUID, content: Content) -> None:
        """Put a content into the cache, without waiting for the bucket."""
        key = _key(resume_id, content.version)
        self._bucket.remember(key, content.body)
        put = asyncio.create_task(self._bucket.put(key, content.body, ttl=KEPT_FOR))
        self._puts.add(put)
        put.add_done_callback(self._puts.discard)

    def changed(self, db: AsyncSession, *, resume_id: UUID, owner_id: UUID, version: int) -> None:
        """Announce a new version with this transaction, and forget the old one here as soon as it has committed."""
        key = f"resume.{resume_id}"
        pointer = msgspec.json.encode(Pointer(str(owner_id), version))
        emit(db, self._bucket.subject(key), pointer, headers={"Nats-TTL": str(KEPT_FOR)})
        event.listen(db.sync_session, "after_commit", lambda _session: self._forget(key), once=True)

    def _forget(self, key: str) -> None:
        self._reading.pop(key, None)
        self._bucket.forget(key)

    def _seen(self, key: str, _value: bytes) -> None:
        self._reading.pop(key, None)

    def _disconnected(self) -> None:
        self._reading.clear()


class Reading:
    """A read under way; `remember` its outcome before it ends."""

    def __init__(self, cache: ContentCache, key: str, token: object) -> None:
        self._cache, self._key, self._token = cache, key, token

    def remember(self, pointer: Pointer) -> None:
        self._cache.remember(self._key, self._token, pointer)


def _key(resume_id: UUID, version: int) -> str:
    return f"resume.{resume_id}.v{version}"
