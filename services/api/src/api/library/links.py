"""How an item of a resume stands to the library item that it is a use of."""

from typing import Protocol
from uuid import UUID

from sqlalchemy import Row

from api.library import merging
from api.library.models import LibraryItem
from api.library.schemas import FieldRead, LibraryLink, UseRead


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


def link(item: Linked, library_item_id: UUID, text: str) -> LibraryLink:
    """The link of `item` to a library item that says `text`."""
    base = text if item.library_base is None else item.library_base
    return LibraryLink(
        id=library_item_id,
        state="current" if merging.same(base, text) else "outdated",
        overrides=merging.overrides(base, item.data),
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
