"""Every statement on resumes: none without its owner but those of upkeep, none that mixes up the living and the trash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Result, Row, Select, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.models import Item
from api.exports.models import Export
from api.resumes.models import Resume, Tag


def _of(owner_id: UUID) -> Select[Resume]:
    return select(Resume).where(Resume.owner_id == owner_id, Resume.deleted_at.is_(None))


async def find(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume | None:
    return await db.scalar(_of(owner_id).where(Resume.id == resume_id))


_HOLD = (
    select(Resume)
    .where(
        Resume.id == bindparam("resume_id"),
        Resume.owner_id == bindparam("owner_id"),
        Resume.deleted_at.is_(None),
    )
    .with_for_update()
)  # made once: each edit begins with it, and making it takes as long as running it


async def hold(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume | None:
    """The resume, which nobody else can change until this transaction ends."""
    return await db.scalar(_HOLD, {"resume_id": resume_id, "owner_id": owner_id})


async def hold_any(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume | None:
    """The resume, in the trash or not, which nobody else can change until this transaction ends."""
    return await db.scalar(
        select(Resume).where(Resume.owner_id == owner_id, Resume.id == resume_id).with_for_update()
    )


async def trashed_before(db: AsyncSession, before: datetime, limit: int) -> Sequence[Row[UUID, UUID]]:
    """Id and owner of resumes of anybody that have been in the trash since `before`. Others that ask pass them by."""
    rows = await db.execute(
        select(Resume.id, Resume.owner_id)
        .where(Resume.deleted_at < before)
        .order_by(Resume.deleted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def files(db: AsyncSession, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Bucket and key of the exported files of resumes."""
    rows: Result[Any] = await db.execute(
        select(Export.bucket, Export.key).where(Export.resume_id.in_(ids), Export.key.is_not(None))
    )
    return rows.all()


async def remove(db: AsyncSession, ids: Sequence[UUID]) -> None:
    """Delete resumes with all that hangs on them."""
    await db.execute(delete(Resume).where(Resume.id.in_(ids)))


async def tag_rows(db: AsyncSession, resume_id: UUID) -> Sequence[Tag]:
    return (await db.scalars(select(Tag).where(Tag.resume_id == resume_id))).all()


async def tags(
    db: AsyncSession, *, owner_id: UUID, after: str | None, limit: int
) -> Sequence[Row[str, str, int]]:
    """Key, name and number of resumes of the owner's tags that come after the key `after`. Of several spellings one is taken."""
    wanted = (
        select(Tag.key, func.min(Tag.name).label("name"), func.count().label("resumes"))
        .join(Resume, Resume.id == Tag.resume_id)
        .where(Tag.owner_id == owner_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None))
        .group_by(Tag.key)
        .order_by(Tag.key)
        .limit(limit)
    )
    rows = await db.execute(wanted if after is None else wanted.where(Tag.key > after))
    return rows.all()


async def linked_items(db: AsyncSession, resume_id: UUID) -> Sequence[Row[Any]]:
    """The items of a resume that are uses of library items, with how they stand to them."""
    rows: Result[Any] = await db.execute(
        select(Item.id, Item.library_item_id, Item.library_version, Item.library_base).where(
            Item.resume_id == resume_id, Item.library_item_id.is_not(None)
        )
    )
    return rows.all()


async def link_items(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Make items, by their `id`, uses of library items."""
    if rows:
        await db.execute(sqlalchemy.update(Item), rows)
