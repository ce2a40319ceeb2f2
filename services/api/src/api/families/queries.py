"""Every statement on families: none without the owner."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.contents.models import Item, Section
from api.resumes.models import Resume

_AT_ONCE = 1000
"""Ids in one statement; databases bound their parameters."""


async def members(
    db: AsyncSession, family_id: UUID, *, owner_id: UUID, hold: bool = False
) -> Sequence[Resume]:
    """The family's resumes that are not in the trash, the oldest first; with `hold`, for a change."""
    wanted = (
        select(Resume)
        .where(Resume.family_id == family_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None))
        .order_by(Resume.id)
    )
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(wanted)).all()


async def primary_in_trash(db: AsyncSession, resume: Resume) -> Resume | None:
    """The other one that was the primary of a resume's family until it went to the trash: it is again when it is back."""
    return await db.scalar(
        select(Resume).where(
            Resume.family_id == resume.family_id,
            Resume.owner_id == resume.owner_id,
            Resume.id != resume.id,
            Resume.is_primary,
            Resume.deleted_at.is_not(None),
        )
    )


async def everyone(db: AsyncSession, family_id: UUID, *, owner_id: UUID) -> Sequence[Resume]:
    """The family's resumes, also those in the trash."""
    wanted = select(Resume).where(Resume.family_id == family_id, Resume.owner_id == owner_id)
    return (await db.scalars(wanted)).all()


async def family_ids(db: AsyncSession, resume_ids: Collection[UUID]) -> Sequence[UUID]:
    """The families of resumes that were found with their owner."""
    wanted = select(Resume.family_id).where(Resume.id.in_(resume_ids), Resume.family_id.is_not(None))
    return [found for found in (await db.scalars(wanted)).all() if found is not None]


async def sections(
    db: AsyncSession, resume_ids: Collection[UUID]
) -> Sequence[Row[UUID, UUID, str, str | None, bool, UUID | None]]:
    """The sections of resumes that were found with their owner, in order."""
    rows = await db.execute(
        select(
            Section.id,
            Section.resume_id,
            Section.name,
            Section.title,
            Section.visible,
            Section.counterpart_id,
        )
        .where(Section.resume_id.in_(resume_ids))
        .order_by(Section.rank)
    )
    return rows.all()


async def items(
    db: AsyncSession, resume_ids: Collection[UUID]
) -> Sequence[Row[UUID, UUID, str, UUID | None, str | None]]:
    """Their items, in order within their section."""
    rows = await db.execute(
        select(Item.id, Item.section_id, Item.data, Item.counterpart_id, Item.translated_from)
        .where(Item.resume_id.in_(resume_ids))
        .order_by(Item.rank)
    )
    return rows.all()


async def followed(
    db: AsyncSession, resume: Resume, item_ids: Sequence[UUID]
) -> Sequence[Row[UUID, str, str]]:
    """Of items of a variant: the id, what it says, and what the primary's says, where there is one."""
    theirs = aliased(Item)
    found: list[Row[UUID, str, str]] = []
    for start in range(0, len(item_ids), _AT_ONCE):
        rows = await db.execute(
            select(Item.id, Item.data, theirs.data)
            .join(
                theirs,
                func.coalesce(theirs.counterpart_id, theirs.id)
                == func.coalesce(Item.counterpart_id, Item.id),
            )
            .where(
                Item.resume_id == resume.id,
                Item.id.in_(item_ids[start : start + _AT_ONCE]),
                theirs.resume_id == _primary_id(resume).scalar_subquery(),
            )
        )
        found += rows.all()
    return found


async def primary_basics(db: AsyncSession, resume: Resume) -> str | None:
    """The basics of the primary of a variant's family."""
    return await db.scalar(select(Resume.basics).where(Resume.id == _primary_id(resume).scalar_subquery()))


def _primary_id(resume: Resume) -> sqlalchemy.Select[UUID]:
    return select(Resume.id).where(
        Resume.family_id == resume.family_id,
        Resume.owner_id == resume.owner_id,
        Resume.is_primary,
        Resume.deleted_at.is_(None),
    )


async def claim(db: AsyncSession, resume_id: UUID, *, anew: bool) -> None:
    """Let the parts of a resume stand for themselves in its family: those that stand for none yet, or (`anew`) all."""
    for table in (Section, Item):
        statement = sqlalchemy.update(table).where(table.resume_id == resume_id)
        if not anew:
            statement = statement.where(table.counterpart_id.is_(None))
        await db.execute(
            statement.values(counterpart_id=table.id, version=table.version + 1).execution_options(
                synchronize_session=False
            )
        )


async def mark(db: AsyncSession, table: type[Section] | type[Item], rows: list[dict[str, Any]]) -> None:
    """Set what families know of parts, by their `id`: what the resumes say stays as it is."""
    if rows:
        await db.execute(sqlalchemy.update(table), rows)


async def end_if_alone(db: AsyncSession, family_ids: Collection[UUID]) -> None:
    """End the families of which one resume is left, be it in the trash."""
    many = (
        select(Resume.family_id)
        .where(Resume.family_id.in_(family_ids))
        .group_by(Resume.family_id)
        .having(func.count() > 1)
    )
    await db.execute(
        sqlalchemy.update(Resume)
        .where(Resume.family_id.in_(family_ids), Resume.family_id.not_in(many))
        .values(family_id=None, is_primary=False, translated_from=None)
        .execution_options(synchronize_session=False)
    )
