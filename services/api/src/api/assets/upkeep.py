"""What is left behind goes: uploads that were never completed, and objects that no asset knows."""

from datetime import datetime, timedelta

from api.assets import queries
from api.assets.service import ABANDONED_AFTER
from api.assets.stored import BUCKET, ROOT, asset_of, upload_key
from api.discards import service as discards
from common.blobs import Blob, BlobMissing, Blobs
from common.db import Database
from common.ids import now

AT_ONCE = 500
LOST_AFTER = timedelta(days=2)
"""How old an object must be to be taken for lost: far older than any attempt that may still make a row point at it."""


async def sweep(database: Database, blobs: Blobs) -> int:
    """Forget abandoned uploads and delete lost objects; how many of both. Raises BlobsUnavailable.

    Lost objects should not be: this is for what a restored backup, or a note that was lost with one, leaves.
    """
    return await forget_abandoned(database) + await delete_lost(database, blobs)


async def forget_abandoned(database: Database) -> int:
    """Delete the rows of uploads that were refused, or not completed within a day."""
    total = 0
    while True:
        async with database.write() as db:
            rows = await queries.left_behind(db, before=now() - ABANDONED_AFTER, limit=AT_ONCE)
            for row in rows:
                discards.discard(db, BUCKET, upload_key(row.owner_id, row.id))
                await db.delete(row)
        total += len(rows)
        if len(rows) < AT_ONCE:
            return total


async def delete_lost(database: Database, blobs: Blobs, *, older_than: timedelta = LOST_AFTER) -> int:
    """Delete objects of assets that there are not."""
    total, after = 0, ""
    while True:
        try:
            page = await blobs.find(BUCKET, ROOT, after=after, limit=AT_ONCE)
        except BlobMissing:
            return total
        lost = await _lost(database, page, before=now() - older_than)
        for blob in lost:
            await blobs.delete(BUCKET, blob.key)
        total += len(lost)
        if len(page) < AT_ONCE:
            return total
        after = page[-1].key


async def _lost(database: Database, page: list[Blob], *, before: datetime) -> list[Blob]:
    old = {blob: found for blob in page if blob.modified_at < before and (found := asset_of(blob.key))}
    async with database.read() as db:
        known = await queries.known(db, set(old.values()))
    return [blob for blob, found in old.items() if found not in known]
