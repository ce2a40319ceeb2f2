"""Exports that have had their time."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.discards import service as discards
from api.exports import queries

AT_ONCE = 200
"""Exports that one call of `forget` deletes."""


async def forget(db: AsyncSession, at: datetime) -> int:
    """Delete some exports that have expired at `at`, and note their files to be deleted; how many, 0 when none is left."""
    rows = await queries.expired(db, at, AT_ONCE)
    for export in rows:
        if export.bucket and export.key:
            discards.discard(db, export.bucket, export.key)
    await db.flush()
    await queries.remove(db, [export.id for export in rows])
    return len(rows)
