"""Every SELECT of single sections and items. They take a resume that was found with its owner."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.contents.models import Item, Section
from api.contents.queries import OCTETS
from api.library.models import LibraryItem
from api.sections.models import ItemRow, Ranked, SectionRow

_ITEM_COUNT = select(func.count()).where(Item.section_id == Section.id).correlate(Section).scalar_subquery()
_SECTIONS = select(
    *(getattr(Section, name) for name in SectionRow.__struct_fields__ if name != "item_count"),
    _ITEM_COUNT.label("item_count"),
)
_OTHERS = {"section_rank": Section.rank, "library_text": LibraryItem.data}
_NOT_HERE = {"of_all", *_OTHERS}
_ITEMS = (
    select(
        *(getattr(Item, name) for name in ItemRow.__struct_fields__ if name not in _NOT_HERE),
        *(column.label(name) for name, column in _OTHERS.items()),
    )
    .join(Section, Section.id == Item.section_id)
    .outerjoin(LibraryItem, LibraryItem.id == Item.library_item_id)
)


async def sections(db: AsyncSession, resume_id: UUID) -> list[SectionRow]:
    """The sections of a resume, in order."""
    rows = await db.execute(_SECTIONS.where(Section.resume_id == resume_id).order_by(Section.rank))
    return [SectionRow(**row._mapping) for row in rows]


async def section(db: AsyncSession, resume_id: UUID, section_id: UUID) -> SectionRow | None:
    wanted = _SECTIONS.where(Section.resume_id == resume_id, Section.id == section_id)
    row = (await db.execute(wanted)).first()
    return None if row is None else SectionRow(**row._mapping)


_ITEM = _ITEMS.where(Item.resume_id == bindparam("resume_id"), Item.id == bindparam("item_id"))


async def item(db: AsyncSession, resume_id: UUID, item_id: UUID) -> ItemRow | None:
    row = (await db.execute(_ITEM, {"resume_id": resume_id, "item_id": item_id})).first()
    return None if row is None else ItemRow(**row._mapping)


_ALL = aliased(Item)
_TO_EDIT = {
    dialect: _ITEM.add_columns(
        select(func.sum(octets(_ALL.data)))
        .where(_ALL.resume_id == bindparam("resume_id"))
        .scalar_subquery()
        .label("of_all")
    )
    for dialect, octets in OCTETS.items()
}


async def item_to_edit(db: AsyncSession, resume_id: UUID, item_id: UUID) -> ItemRow | None:
    """The item, and how much all of the resume take: in one statement, since every edit needs both."""
    statement = _TO_EDIT[db.get_bind().dialect.name]
    row = (await db.execute(statement, {"resume_id": resume_id, "item_id": item_id})).first()
    return None if row is None else ItemRow(**row._mapping)


async def items_of_section(
    db: AsyncSession, resume_id: UUID, section_id: UUID, *, after: tuple[str, ...] | None, limit: int
) -> list[ItemRow]:
    """The first `limit` items of a section that stand after the ranks of a section and an item, in order."""
    wanted = _ITEMS.where(Item.resume_id == resume_id, Item.section_id == section_id)
    if after is not None:
        wanted = wanted.where(Item.rank > after[-1])
    return await _items(db, wanted.order_by(Item.rank), limit)


async def items_of_kind(
    db: AsyncSession, resume_id: UUID, kind: str, *, after: tuple[str, ...] | None, limit: int
) -> list[ItemRow]:
    """The same of all sections of a kind."""
    wanted = _ITEMS.where(Item.resume_id == resume_id, Item.kind == kind)
    if after is not None:
        wanted = wanted.where(tuple_(Section.rank, Item.rank) > tuple_(*after))
    return await _items(db, wanted.order_by(Section.rank, Item.rank), limit)


async def _items(db: AsyncSession, wanted: Select[*tuple[object, ...]], limit: int) -> list[ItemRow]:
    return [ItemRow(**row._mapping) for row in await db.execute(wanted.limit(limit))]


async def places(db: AsyncSession, section_id: UUID) -> Sequence[Ranked]:
    """Where the items of a section stand, in order."""
    rows = await db.execute(
        select(Item.id, Item.rank).where(Item.section_id == section_id).order_by(Item.rank)
    )
    return [Ranked(**row._mapping) for row in rows]


async def last_place(db: AsyncSession, section_id: UUID) -> Sequence[Ranked]:
    """Where the last item of a section stands, if it has one."""
    rows = await db.execute(
        select(Item.id, Item.rank).where(Item.section_id == section_id).order_by(Item.rank.desc()).limit(1)
    )
    return [Ranked(**row._mapping) for row in rows]


async def versions(db: AsyncSession, section_id: UUID) -> dict[UUID, int]:
    """The versions of the items of a section."""
    rows = await db.execute(select(Item.id, Item.version).where(Item.section_id == section_id))
    return {row.id: row.version for row in rows}
