"""Every statement on sections and items. They take a resume that was found with its owner."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.changes import Changes
from api.contents.models import Item, Section
from api.resumes.models import Resume


async def version(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> int | None:
    """The current version of a resume; None if there is none that `owner_id` may see."""
    return await db.scalar(
        select(Resume.version).where(
            Resume.id == resume_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None)
        )
    )


async def texts(db: AsyncSession, resume_id: UUID) -> dict[str, list[str]]:
    """The JSON of all items, in order, by kind."""
    rows = await db.execute(
        select(Item.kind, Item.data).where(Item.resume_id == resume_id).order_by(Item.rank)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, data in rows:
        found[kind].append(data)
    return found


async def sections(db: AsyncSession, resume_id: UUID) -> Sequence[Section]:
    rows = await db.scalars(select(Section).where(Section.resume_id == resume_id).order_by(Section.rank))
    return rows.all()


async def items(db: AsyncSession, resume_id: UUID) -> dict[UUID, list[Row[UUID, str, str]]]:
    """The id, rank and JSON of all items, in order, by section."""
    rows = await db.execute(
        select(Item.section_id, Item.id, Item.rank, Item.data)
        .where(Item.resume_id == resume_id)
        .order_by(Item.rank)
    )
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.section_id].append(row)
    return found


async def write(db: AsyncSession, table: type[Section] | type[Item], changes: Changes) -> None:
    """Change many rows of `table` in at most three statements."""
    if changes.deletes:
        await db.execute(delete(table).where(table.id.in_(changes.deletes)))
    if changes.updates:
        await db.execute(update(table), changes.updates)
    if changes.inserts:
        await db.execute(insert(table), changes.inserts)
