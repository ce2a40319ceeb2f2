"""Every statement on sections and items. They take a resume that was found with its owner."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, LargeBinary, Row, Table, Update, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from api.contents.models import Item, Section
from api.resumes.models import Resume

Rows = type[Section] | type[Item]
"""Written as plain tables: nothing of a session follows these rows, and its bookkeeping costs more than they do."""

_AT_ONCE = 1000
"""Ids in one statement; databases bound their parameters."""


async def state(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Row[int, datetime] | None:
    """The current version of a resume and since when it is; None if there is none that `owner_id` may see."""
    rows = await db.execute(
        select(Resume.version, Resume.updated_at).where(
            Resume.id == resume_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None)
        )
    )
    return rows.one_or_none()


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


# Built once: whatever reads or freezes a resume takes both.
_SECTIONS = select(Section).where(Section.resume_id == bindparam("resume")).order_by(Section.rank)
_ITEMS = (
    select(Item.id, Item.section_id, Item.kind, Item.rank, Item.visible, Item.data, Item.version)
    .where(Item.resume_id == bindparam("resume"))
    .order_by(Item.rank)
)


async def sections(db: AsyncSession, resume_id: UUID) -> Sequence[Section]:
    """The sections of a resume, in order."""
    return (await db.scalars(_SECTIONS, {"resume": resume_id})).all()


async def items(db: AsyncSession, resume_id: UUID) -> Sequence[Row[UUID, UUID, str, str, bool, str, int]]:
    """The items of a resume, in order within their section; not as entities, for there may be thousands."""
    return (await db.execute(_ITEMS, {"resume": resume_id})).all()


async def size(db: AsyncSession, resume_id: UUID) -> tuple[int, int]:
    """How many items a resume has, and how many bytes their JSON takes."""
    with db.no_autoflush:
        rows = await db.execute(_SIZE[db.get_bind().dialect.name], {"resume_id": resume_id})
    count, octets = rows.one()
    return count, int(octets)


Octets = Callable[[InstrumentedAttribute[str]], ColumnElement[int]]

OCTETS: dict[str, Octets] = {
    "sqlite": lambda text: func.length(cast(text, LargeBinary)),  # it has no octet_length before 3.43
    "postgresql": func.octet_length,
}
"""How many bytes a text takes, in the words of each database."""

_SIZE = {
    dialect: select(func.count(), func.coalesce(func.sum(octets(Item.data)), 0)).where(
        Item.resume_id == bindparam("resume_id")
    )
    for dialect, octets in OCTETS.items()
}


async def insert(db: AsyncSession, table: Rows, rows: list[dict[str, Any]]) -> None:
    for group in _alike(rows):
        await db.execute(sqlalchemy.insert(_table(table)), group)


async def update(db: AsyncSession, table: Rows, rows: list[dict[str, Any]]) -> None:
    """Change rows by their `id`."""
    for group in _alike(rows):
        changed = _update(table, tuple(group[0]))
        await db.execute(changed, [{f"_{name}": value for name, value in row.items()} for row in group])


@lru_cache(256)
def _update(table: Rows, names: tuple[str, ...]) -> Update:
    """The statement that sets the columns `names`, made once: making it takes as long as running it."""
    values: dict[str, Any] = {name: bindparam(f"_{name}") for name in names if name != "id"}
    of_row = _table(table).c.id == bindparam("_id")
    return sqlalchemy.update(_table(table)).where(of_row).values(values)


def _alike(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """`rows` by the columns that they have, each group in order."""
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row)].append(row)
    return groups.values()


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


async def delete(db: AsyncSession, table: Rows, ids: list[UUID]) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        gone = _table(table).c.id.in_(ids[start : start + _AT_ONCE])
        await db.execute(sqlalchemy.delete(_table(table)).where(gone))


def _table(rows: Rows) -> Table:
    return rows.metadata.tables[rows.__tablename__]
