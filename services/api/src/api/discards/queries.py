"""Every statement on discards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Table, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.discards.models import Discard


async def due(db: AsyncSession, *, before: datetime, limit: int) -> Sequence[Discard]:
    rows = await db.scalars(
        select(Discard).where(Discard.due_at <= before).order_by(Discard.due_at).limit(limit)
    )
    return rows.all()


async def rename(db: AsyncSession, ids: Mapping[UUID, UUID]) -> Sequence[Discard]:
    """Give discards new ids, by their old ones; those that were still on the list."""
    table = Discard.__table__
    assert isinstance(table, Table)  # noqa: S101 (it is one)
    statement = table.update().where(table.c.id == bindparam("old")).values(id=bindparam("new"))
    await db.execute(statement, [{"old": old, "new": new} for old, new in ids.items()])
    rows = await db.scalars(
        select(Discard).where(Discard.id.in_(ids.values())).order_by(Discard.due_at, Discard.id)
    )
    return rows.all()


async def remove(db: AsyncSession, ids: Sequence[UUID]) -> int:
    """Take discards off the list; how many of them were still on it."""
    removed = await db.execute(delete(Discard).where(Discard.id.in_(ids)))
    return cast("CursorResult[Any]", removed).rowcount
