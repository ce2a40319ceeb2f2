"""Every statement on the library and its uses: none without the owner, none that sees resumes in the trash."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, Row, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.models import Item
from api.library.models import LibraryItem
from api.resumes.models import Resume


def _of(owner_id: UUID) -> Select[LibraryItem]:
    return select(LibraryItem).where(LibraryItem.owner_id == owner_id)


async def find(db: AsyncSession, library_item_id: UUID, *, owner_id: UUID) -> LibraryItem | None:
    return await db.scalar(_of(owner_id).where(LibraryItem.id == library_item_id))


async def hold(db: AsyncSession, library_item_id: UUID, *, owner_id: UUID) -> LibraryItem | None:
    """The library item, which nobody else can change until this transaction ends."""
    wanted = _of(owner_id).where(LibraryItem.id == library_item_id).with_for_update()
    return await db.scalar(wanted.execution_options(populate_existing=True))


async def newest(
    db: AsyncSession, *, owner_id: UUID, kind: str | None, words: str | None, after: UUID | None, limit: int
) -> Sequence[LibraryItem]:
    """The newest `limit` library items that are older than `after`, of `kind`, with `words` (folded) in them."""
    wanted = _of(owner_id).order_by(LibraryItem.id.desc()).limit(limit)
    if kind is not None:
        wanted = wanted.where(LibraryItem.kind == kind)
    if words is not None:
        # What has no word in it (`%`) is in nothing.
        wanted = wanted.where(LibraryItem.words.contains(words, autoescape=True) if words else false())
    rows = await db.scalars(wanted if after is None else wanted.where(LibraryItem.id < after))
    return rows.all()


async def count(db: AsyncSession, *, owner_id: UUID) -> int:
    wanted = select(func.count()).select_from(LibraryItem).where(LibraryItem.owner_id == owner_id)
    return await db.scalar(wanted) or 0


async def delete(db: AsyncSession, found: LibraryItem) -> None:
    """Delete a library item; its uses, also those in the trash, become items like others."""
    await db.execute(
        sqlalchemy.update(Item)
        .where(Item.library_item_id == found.id)
        .values(UNLINKED | {"version": Item.version + 1}),
        execution_options={"synchronize_session": False},
    )
    await db.delete(found)


UNLINKED: dict[str, Any] = {"library_item_id": None, "library_version": None, "library_base": None}


def _is_use(owner_id: UUID) -> ColumnElement[bool]:
    return sqlalchemy.and_(
        Item.library_item_id == LibraryItem.id,
        LibraryItem.owner_id == owner_id,
        Resume.id == Item.resume_id,
        Resume.owner_id == owner_id,
        Resume.deleted_at.is_(None),
    )


async def counts(db: AsyncSession, ids: Collection[UUID], *, owner_id: UUID) -> dict[UUID, int]:
    """How many uses each of the library items has that has any."""
    rows = await db.execute(
        select(LibraryItem.id, func.count(Item.id))
        .where(_is_use(owner_id), LibraryItem.id.in_(ids))
        .group_by(LibraryItem.id)
    )
    return {row[0]: row[1] for row in rows}


async def uses(
    db: AsyncSession, library_item_id: UUID, *, owner_id: UUID, after: UUID | None, limit: int
) -> Sequence[Row[UUID, UUID, str, UUID, bool, str, str | None]]:
    """The newest `limit` uses that are older than `after`."""
    wanted = (
        select(
            Item.id,
            Item.resume_id,
            Resume.title,
            Item.section_id,
            Item.visible,
            Item.data,
            Item.library_base,
        )
        .where(_is_use(owner_id), LibraryItem.id == library_item_id)
        .order_by(Item.id.desc())
        .limit(limit)
    )
    rows = await db.execute(wanted if after is None else wanted.where(Item.id < after))
    return rows.all()


async def outdated(
    db: AsyncSession, library_item_id: UUID, *, owner_id: UUID, ids: Collection[UUID] | None, limit: int
) -> Sequence[Row[UUID, UUID, str]]:
    """Uses that agreed with another text than the library item has now, or all of `ids`; by their resume."""
    wanted = (
        select(Item.id, Item.resume_id, Item.data)
        .where(_is_use(owner_id), LibraryItem.id == library_item_id)
        .order_by(Item.resume_id, Item.id)
        .limit(limit)
    )
    if ids is None:
        wanted = wanted.where(Item.library_base.is_distinct_from(LibraryItem.data))
    else:
        wanted = wanted.where(Item.id.in_(ids))
    return (await db.execute(wanted)).all()


async def items(db: AsyncSession, resume_id: UUID, ids: Collection[UUID]) -> Sequence[Item]:
    """Items of a resume that was found with its owner, as they are now."""
    wanted = select(Item).where(Item.resume_id == resume_id, Item.id.in_(ids)).order_by(Item.id)
    rows = await db.scalars(wanted.execution_options(populate_existing=True))
    return rows.all()


async def mark(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Set `library_…` of items, by their `id`: what the resumes say stays as it is."""
    if rows:
        await db.execute(sqlalchemy.update(Item), rows)
