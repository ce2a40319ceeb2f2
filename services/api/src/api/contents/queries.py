"""Every statement on sections and items. They take a resume that was found with its owner."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, LargeBinary, Row, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.models import Item, Section
from api.resumes.models import Resume

_AT_ONCE = 1000
"""Ids in one statement; databases bound their parameters."""


async def version(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> int | None:
    """The current version of a resume; None if there is none that `owner_id` may see."""
    return await db.scalar(
        select(Resume.version).where(
            Resume.id == resume_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None)
        )
    )


async def texts(db: AsyncSession, resume_id: UUID) -> dict[str, list[str]]:
    """The JSON of all items, in order, by the name of their section."""
    rows = await db.execute(
        select(Section.name, Item.data)
        .join(Section, Section.id == Item.section_id)
        .where(Item.resume_id == resume_id)
        .order_by(Item.rank)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, data in rows:
        found[name].append(data)
    return found


async def sections(db: AsyncSession, resume_id: UUID) -> Sequence[Section]:
    """The sections of a resume, in order."""
    rows = await db.scalars(select(Section).where(Section.resume_id == resume_id).order_by(Section.rank))
    return rows.all()


async def items(db: AsyncSession, resume_id: UUID) -> Sequence[Row[UUID, UUID, str, str, bool, str, int]]:
    """The items of a resume, in order within their section; not as entities, for there may be thousands."""
    rows = await db.execute(
        select(Item.id, Item.section_id, Item.kind, Item.rank, Item.visible, Item.data, Item.version)
        .where(Item.resume_id == resume_id)
        .order_by(Item.rank)
    )
    return rows.all()


async def size(db: AsyncSession, resume_id: UUID) -> tuple[int, int]:
    """How many items a resume has, and how many bytes their JSON takes."""
    is_sqlite = db.get_bind().dialect.name == "sqlite"  # which has no octet_length before 3.43
    octets = func.length(cast(Item.data, LargeBinary)) if is_sqlite else func.octet_length(Item.data)
    with db.no_autoflush:
        row = await db.execute(
            select(func.count(), func.coalesce(func.sum(octets), 0)).where(Item.resume_id == resume_id)
        )
    count, octets_together = row.one()
    return count, int(octets_together)


async def insert(db: AsyncSession, table: type[Section] | type[Item], rows: list[dict[str, Any]]) -> None:
    if rows:
        await db.execute(sqlalchemy.insert(table), rows)


async def update(db: AsyncSession, table: type[Section] | type[Item], rows: list[dict[str, Any]]) -> None:
    """Change rows by their `id`."""
    if rows:
        await db.execute(sqlalchemy.update(table), rows)


async def resize(db: AsyncSession, *, gaining: Collection[UUID], losing: list[UUID]) -> None:
    """Raise the version of sections that gain items, or that are about to lose those in `losing`."""
    if gaining:
        await _raise(db, Section.id.in_(gaining))
    for start in range(0, len(losing), _AT_ONCE):
        lost = select(Item.section_id).where(Item.id.in_(losing[start : start + _AT_ONCE]))
        await _raise(db, Section.id.in_(lost))


async def _raise(db: AsyncSession, which: ColumnElement[bool]) -> None:
    await db.execute(
        sqlalchemy.update(Section)
        .where(which)
        .values(version=Section.version + 1)
        .execution_options(synchronize_session=False)
    )


async def delete(db: AsyncSession, table: type[Section] | type[Item], ids: list[UUID]) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        await db.execute(sqlalchemy.delete(table).where(table.id.in_(ids[start : start + _AT_ONCE])))
