"""The SELECT behind lists of resumes: filters, words to be found, orders, and where a page begins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, defer

from api.resumes.models import Resume, Tag
from api.search import queries as search
from api.search.parsing import Clause


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """By `column`, then by id. With `by_relevance` first come those with most of the words in their title."""

    column: str
    is_descending: bool
    by_relevance: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of an owner's resumes; those in the trash if `trashed_since` says of how old a trash. `tags` are keys."""

    owner_id: UUID
    order: Order
    kind: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    trashed_since: datetime | None = None
    clauses: tuple[Clause, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """Where a page ended: the values of its last resume."""

    value: datetime | str
    id: UUID
    score: int = 0


async def page(db: AsyncSession, wanted: Wanted, after: Place | None, limit: int) -> Sequence[Row[UUID, int]]:
    """Ids and scores of a page. Nothing else is read here, which an index has all of in most cases."""
    rows = await db.execute(statement(db, wanted, after, limit))
    return rows.all()


def statement(db: AsyncSession, wanted: Wanted, after: Place | None, limit: int) -> Select[UUID, int]:
    score = _score(db, wanted)
    order = _columns(wanted.order, score)
    found = select(Resume.id, score.label("score")).where(*_conditions(db, wanted)).limit(limit)
    if after is not None:
        found = found.where(_behind(wanted.order, score, after))
    return found.order_by(*(column.desc() if wanted.order.is_descending else column for column in order))


async def resumes(db: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Resume]:
    """Resumes by their ids, without what they say."""
    unread = [defer(column, raiseload=True) for column in (Resume.basics, Resume.extra, Resume.members)]
    rows = await db.scalars(select(Resume).where(Resume.id.in_(ids)).options(*unread))
    return {resume.id: resume for resume in rows}


def _conditions(db: AsyncSession, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Resume.owner_id == wanted.owner_id]
    if wanted.trashed_since is None:
        found.append(Resume.deleted_at.is_(None))
    else:
        found += [Resume.deleted_at.is_not(None), Resume.deleted_at > wanted.trashed_since]
    if wanted.kind is not None:
        found.append(Resume.kind == wanted.kind)
    if wanted.language is not None:
        spoken = func.lower(Resume.language)
        language = wanted.language.lower()
        found.append(or_(spoken == language, spoken.startswith(f"{language}-", autoescape=True)))
    for key in wanted.tags:
        tagged = select(Tag.name).where(Tag.resume_id == Resume.id, Tag.key == key)
        found.append(tagged.correlate(Resume).exists())
    return found + [search.holds(db, clause, owner_id=wanted.owner_id) for clause in wanted.clauses]


def _score(db: AsyncSession, wanted: Wanted) -> ColumnElement[int]:
    """How many of the words are in the title."""
    score: ColumnElement[int] = literal(0)
    for clause in wanted.clauses if wanted.order.by_relevance else ():
        is_in_title = search.holds(db, clause, owner_id=wanted.owner_id, in_title=True)
        score = score + case((is_in_title, 1), else_=0)
    return score


def _columns(order: Order, score: ColumnElement[int]) -> list[Any]:
    column: InstrumentedAttribute[Any] = getattr(Resume, order.column)
    return [score, column, Resume.id] if order.by_relevance else [column, Resume.id]


def _behind(order: Order, score: ColumnElement[int], after: Place) -> ColumnElement[bool]:
    """Whether a row comes after `after`: the order's columns are compared one after the other."""
    column: InstrumentedAttribute[Any] = getattr(Resume, order.column)
    here = tuple_(column, Resume.id)
    there = tuple_(literal(after.value, column.type), literal(after.id, Resume.id.type))
    behind = here < there if order.is_descending else here > there
    return or_(score < after.score, (score == after.score) & behind) if order.by_relevance else behind
