"""Every statement on discards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.discards.models import Discard


async def due(db: AsyncSession, *, before: datetime, limit: int) -> Sequence[Discard]:
    rows = await db.scalars(
        select(Discard).where(Discard.due_at <= before).order_by(Discard.due_at).limit(limit)
    )
    return rows.all()


async def remove(db: AsyncSession, ids: Sequence[UUID]) -> int:
    """Take discards off the list; how many of them were still on it."""
    removed = await db.execute(delete(Discard).where(Discard.id.in_(ids)))
    return cast("CursorResult[Any]", removed).rowcount
