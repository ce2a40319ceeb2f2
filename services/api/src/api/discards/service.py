"""Objects that are to go: noted in the transaction that makes them useless, deleted when the storage can be reached.

Whatever will put objects notes them here first, due later, and takes the note back in the transaction that makes a row
point at them: so an object is never without a row for good, and a row never without its object (RELIABILITY 9).
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.discards import queries
from api.discards.models import Discard
from common.blobs import BlobMissing, Blobs
from common.db import Database
from common.ids import new_id, now

log = structlog.get_logger()

AT_ONCE = 100
LOOK_EVERY = 1.0
LONGEST_DELAY = 30.0


def discard(db: AsyncSession, bucket: str, key: str, *, after: timedelta = timedelta(0)) -> UUID:
    """Delete an object, or all under a key that ends in a slash, `after` this transaction; the id of the note."""
    note = Discard(id=new_id(), bucket=bucket, key=key, due_at=now() + after)
    db.add(note)
    return note.id


async def keep(db: AsyncSession, note: UUID) -> bool:
    """Take a note back, because a row points at its objects now. False if they are gone or about to be."""
    return await queries.remove(db, [note]) == 1


class Discarder:
    """Deletes what is due, again and again until the storage has taken it. Any number of replicas may do it at once.

    It is first of all to reach the storage, so it makes the `buckets` that this service fills.
    """

    def __init__(self, database: Database, blobs: Blobs, *, buckets: Sequence[str] = ()) -> None:
        self._database, self._blobs, self._buckets = database, blobs, buckets
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self) -> int:
        """Delete what is due now; how many notes that settled. Raises BlobsUnavailable."""
        settled = 0
        while due := await self._due():
            notes = await self._claim(due)
            for note in notes:
                await self._delete(note)
            settled += await self._forget(notes)
        return settled

    async def _run(self) -> None:
        delay, missing = LOOK_EVERY, list(self._buckets)
        while True:
            try:
                while missing:
                    await self._blobs.ensure_bucket(missing[0])
                    missing.pop(0)
                await self.sweep()
                delay = LOOK_EVERY
            except Exception as error:  # noqa: BLE001 (a storage or database that is away: the notes stay)
                delay = min(delay * 2, LONGEST_DELAY)
                log.warning("discards_wait", error=type(error).__name__)
            await asyncio.sleep(delay)

    async def _due(self) -> Sequence[Discard]:
        async with self._database.read() as db:
            return await queries.due(db, before=now(), limit=AT_ONCE)

    async def _claim(self, due: Sequence[Discard]) -> Sequence[Discard]:
        """The notes of `due` that are still there, under new ids: from here on nobody can take them back, who knows them
        by their old ones. They stay due, in case that we do not come to delete what they name."""
        async with self._database.write() as db:
            return await queries.rename(db, {note.id: new_id() for note in due})

    async def _delete(self, note: Discard) -> None:
        keys = [note.key]
        if note.key.endswith("/"):
            try:
                keys = [blob.key for blob in await self._blobs.find(note.bucket, note.key)]
            except BlobMissing:
                return
        for key in keys:
            await self._blobs.delete(note.bucket, key)

    async def _forget(self, notes: Sequence[Discard]) -> int:
        async with self._database.write() as db:
            return await queries.remove(db, [note.id for note in notes])
