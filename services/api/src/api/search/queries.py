"""Every statement on the index, in the words of whichever database there is."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from api.contents.models import Item
from api.resumes.models import Tag
from api.search import postgres, sqlite
from api.search.models import SearchText
from api.search.parsing import Clause

HEAD = ("title", "tags", "basics", "extra")
"""The fields that are neither of a section nor of an item."""

# Made once, and of the plain table: every edit of an item runs them.
_TABLE = SearchText.metadata.tables[SearchText.__tablename__]
_ADD = sqlalchemy.insert(_TABLE)
_REMOVE_ITEM = sqlalchemy.delete(_TABLE).where(_TABLE.c.item_id == bindparam("of"))
_REMOVE_SECTION = sqlalchemy.delete(_TABLE).where(_TABLE.c.section_id == bindparam("of"))


def _index(db: AsyncSession) -> ModuleType:
    return postgres if db.get_bind().dialect.name == "postgresql" else sqlite


async def add(db: AsyncSession, rows: list[dict[str, Any]], *, owner_id: UUID) -> None:
    """Put rows into the index. Their `words` are lists here."""
    vector = _index(db).vector
    if rows:
        written = [row | {"words": vector(row["words"], owner_id)} for row in rows]
        await db.execute(_ADD, written)


async def head(db: AsyncSession, resume_id: UUID) -> Sequence[Row[int, str, str]]:
    """What is indexed of the resume itself: id, field and text."""
    found = await db.execute(
        select(SearchText.id, SearchText.field, SearchText.text).where(
            SearchText.resume_id == resume_id, SearchText.field.in_(HEAD)
        )
    )
    return found.all()


async def tags(db: AsyncSession, resume_id: UUID) -> Sequence[str]:
    return (await db.scalars(select(Tag.name).where(Tag.resume_id == resume_id).order_by(Tag.key))).all()


async def remove(db: AsyncSession, ids: Sequence[int]) -> None:
    if ids:
        await db.execute(sqlalchemy.delete(SearchText).where(SearchText.id.in_(ids)))


async def remove_items(db: AsyncSession, ids: Sequence[UUID]) -> None:
    if ids:
        await db.execute(_REMOVE_ITEM, [{"of": id_} for id_ in ids])


async def remove_sections(db: AsyncSession, ids: Sequence[UUID]) -> None:
    if ids:
        await db.execute(_REMOVE_SECTION, [{"of": id_} for id_ in ids])


def holds(db: AsyncSession, clause: Clause, *, owner_id: UUID, in_title: bool = False) -> ColumnElement[bool]:
    """For a SELECT on resumes: whether one has the words of `clause`, anywhere or in its title."""
    condition: ColumnElement[bool] = _index(db).holds(clause, owner_id, in_title=in_title)
    return condition


async def texts(
    db: AsyncSession, resume_ids: Sequence[UUID], clauses: Sequence[Clause], *, owner_id: UUID, most: int
) -> Sequence[Row[Any]]:
    """Of each of the owner's resumes the first `most` texts, but for its title, that have words of any of `clauses`."""
    found: Sequence[Row[Any]] = await _index(db).texts(db, resume_ids, clauses, owner_id, most=most)
    return found


async def sections_of(db: AsyncSession, item_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The section of each item."""
    rows = await db.execute(select(Item.id, Item.section_id).where(Item.id.in_(item_ids)))
    return {row.id: row.section_id for row in rows}
