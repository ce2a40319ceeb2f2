"""The cache of answers: JSON that was costly to make, kept under the generation of whose it is.

The generation is read from the database before an answer is made, so an answer is never older than the generation that
it is kept under, whatever happens meanwhile; and a change, which raises the generation in its own transaction, leaves
behind all that was made before it. What is cached needs no deletion: nobody asks for it any more, and it expires.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from api.pointers import Pointers
from api.responses import queries, scopes
from common.bus import Bus
from common.db import Database
from common.kv import Bucket
from common.streams import API_CACHE, RESUME_CACHE

KEPT_FOR = 300
"""Seconds that an answer is kept, and with it the news of a change."""
TEMPLATES_KEPT_FOR = 24 * 3600
MOST_BYTES = 256 << 10
MOST_PUTS = 256
"""Answers on their way into the bucket at once; more are kept in this process alone."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A JSON body; `who` may have it, and nobody else."""

    who: str
    etag: str
    body: bytes


_answer = msgspec.msgpack.Decoder(Answer)


class Answers:
    def __init__(self, bus: Bus, database: Database, *, relays: Callable[[], bool]) -> None:
        self._database = database
        answers = Bucket(bus, API_CACHE)
        self._stores = {
            "api": (answers, KEPT_FOR),
            "template": (Bucket(bus, RESUME_CACHE), TEMPLATES_KEPT_FOR),
        }
        self._pointers = Pointers(bus, answers, ttl=KEPT_FOR, relays=relays)
        self._puts: set[asyncio.Task[bool]] = set()

    def follow(self, kinds: Mapping[type[Any], Callable[[Any], Any]]) -> None:
        """End what is cached of a scope when rows of `kinds`, which map to their scopes, change."""
        scopes.follow(self._database, self._pointers, kinds)

    def forget(self, scope: str) -> None:
        """What is known of the generation of `scope` is out of date."""
        self._pointers.forget(scopes.key(scope))

    async def generation(self, scope: str) -> str:
        """The current generation of `scope`, as this process knows it or else from the database."""
        key = scopes.key(scope)
        known = self._pointers.near(key)
        if known is not None:
            return known.decode()
        with self._pointers.reading(key) as reading:
            async with self._database.read() as db:
                token = await queries.current(db, scope)
            reading.remember(token.encode())
        return token

    async def find(self, key: str, who: str) -> tuple[Answer, datetime] | None:
        """The answer under `key` and since when it is cached, if it is for `who`."""
        bucket, _ = self._store(key)
        found = await bucket.get(key)
        if found is None:
            return None
        answer = _answer.decode(found.value)
        return (answer, found.stored_at) if answer.who == who else None

    def keep(self, key: str, answer: Answer) -> None:
        """Keep an answer, without waiting for the bucket."""
        value = msgspec.msgpack.encode(answer)
        bucket, ttl = self._store(key)
        bucket.remember(key, value)
        if len(self._puts) < MOST_PUTS:
            put = asyncio.create_task(bucket.put(key, value, ttl=ttl))
            self._puts.add(put)
            put.add_done_callback(self._puts.discard)

    def _store(self, key: str) -> tuple[Bucket, int]:
        """Where what is under `key` is kept, and for how many seconds."""
        return self._stores[key.split(".", 1)[0]]
