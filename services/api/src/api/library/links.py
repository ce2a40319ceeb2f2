"""How an item of a resume stands to the library item that it is a use of."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from msgspec import Raw
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.models import Item
from api.library import merging, queries
from api.library.models import LibraryItem
from api.library.schemas import FieldRead, LibraryLink, UsedItem, UseRead


class Linked(Protocol):
    """An item, or as much of its row as tells how it is linked."""

    @property
    def id(self) -> UUID: ...
    @property
    def data(self) -> str: ...
    @property
    def library_item_id(self) -> UUID | None: ...
    @property
    def library_base(self) -> str | None: ...


async def links(db: AsyncSession, items: Iterable[Linked]) -> dict[UUID, LibraryLink]:
    """The links of those of `items` that are uses, by the item's id. One query for all of them."""
    used = [(item, item.library_item_id) for item in items if item.library_item_id is not None]
    texts = await queries.texts(db, {library_item_id for _, library_item_id in used}) if used else {}
    return {item.id: link(item, key, texts[key]) for item, key in used if key in texts}


def link(item: Linked, library_item_id: UUID, text: str) -> LibraryLink:
    """The link of `item` to a library item that says `text`."""
    base = text if item.library_base is None else item.library_base
    return LibraryLink(
        id=library_item_id,
        state="current" if merging.same(base, text) else "outdated",
        overrides=merging.overrides(base, item.data),
    )


async def shape(db: AsyncSession, item: Item) -> UsedItem:
    """An item with its link as it goes out; encode it with `codec.encode`, which keeps its numbers."""
    same = ("id", "resume_id", "section_id", "kind", "visible", "version")
    return UsedItem(
        **{name: getattr(item, name) for name in same},
        data=Raw(item.data.encode()),
        library=(await links(db, [item])).get(item.id),
    )


def use(row: Row[UUID, UUID, str, UUID, bool, str, str | None], found: LibraryItem) -> UseRead:
    """A row of `queries.uses` as it goes out."""
    base = found.data if row.library_base is None else row.library_base
    changes = merging.differences(base, found.data)
    return UseRead(
        id=row.id,
        resume_id=row.resume_id,
        resume_title=row.title,
        section_id=row.section_id,
        item_id=row.id,
        visible=row.visible,
        state="outdated" if changes else "current",
        overrides=merging.overrides(base, row.data),
        changes=[FieldRead(name=c.name, before=c.before, after=c.after) for c in changes],
    )
