"""Pointers: what this process knows to be current, so that it need not ask the database each time.

They live in the near-cache of a bucket alone and come from the database. Every change publishes its key to the bucket,
which makes all replicas drop theirs: right after the commit, and through the outbox in case that is lost. A read of the
database that a change overtakes is not remembered, on any replica. While NATS is away nothing is remembered.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from common.bus import Bus, BusUnavailable
from common.kv import Bucket
from common.outbox import emit


class Pointers:
    """The pointers of one bucket; `ttl` is for how many seconds the bucket keeps the news of a change. `relays` tells
    whether this process sends what is in the outbox, which then is as good as telling the others at once."""

    def __init__(self, bus: Bus, bucket: Bucket, *, ttl: int, relays: Callable[[], bool]) -> None:
        self._bus, self._bucket, self._relays = bus, bucket, relays
        self._headers = {"Nats-TTL": str(ttl)}
        self._reading: dict[str, object] = {}
        self._announcing: set[asyncio.Task[None]] = set()
        bucket.watch(lambda key, _value: self._overtake(key))
        bus.on_disconnect(self._reading.clear)

    def near(self, key: str) -> bytes | None:
        """What `key` points at, if that is known here; never waits."""
        found = self._bucket.near(key)
        return None if found is None else found.value

    @contextmanager
    def reading(self, key: str) -> Iterator["Reading"]:
        """Around a read of the database whose outcome is to be remembered."""
        token = self._reading[key] = object()
        try:
            yield Reading(self, key, token)
        finally:
            if self._reading.get(key) is token:
                del self._reading[key]

    def remember(self, key: str, token: object, value: bytes) -> None:
        if self._reading.get(key) is token:
            self._bucket.remember(key, value)

    def changed(self, db: AsyncSession | Session, key: str, value: bytes) -> None:
        """Announce with this transaction that `key` points at something new, and forget the old once it has committed."""
        session = db.sync_session if isinstance(db, AsyncSession) else db
        emit(session, self._bucket.subject(key), value, headers=self._headers)
        event.listen(session, "after_commit", lambda _session: self._committed(key, value), once=True)

    def forget(self, key: str) -> None:
        """What is known of `key` is out of date."""
        self._overtake(key)
        self._bucket.forget(key)

    def _committed(self, key: str, value: bytes) -> None:
        self.forget(key)
        if self._relays():
            return
        task = asyncio.create_task(self._announce(key, value))
        self._announcing.add(task)
        task.add_done_callback(self._announcing.discard)

    async def _announce(self, key: str, value: bytes) -> None:
        """Tell the other replicas now: the outbox may be sent by one that looks into it every few seconds."""
        with contextlib.suppress(BusUnavailable):
            await self._bus.publish(self._bucket.subject(key), value, headers=self._headers)

    def _overtake(self, key: str) -> None:
        self._reading.pop(key, None)


class Reading:
    """A read under way; `remember` its outcome before it ends."""

    def __init__(self, pointers: Pointers, key: str, token: object) -> None:
        self._pointers, self._key, self._token = pointers, key, token

    def remember(self, value: bytes) -> None:
        self._pointers.remember(self._key, self._token, value)
