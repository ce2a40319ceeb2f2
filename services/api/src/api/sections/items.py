"""The rules of items. An edit reads and writes the rows that it is about, however long the document is."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, writing
from api.contents import service as contents
from api.contents.cache import ContentCache
from api.contents.changes import Changes
from api.library import links
from api.library.schemas import LibraryLink
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.sections import cursors, entries, places, queries, service
from api.sections.models import ItemRow, SectionRow
from api.sections.schemas import ItemCreate, ItemLinks, ItemMove, ItemRead, ItemUpdate
from api.versions import automatic
from common import etags
from common.ids import new_id
from common.problems import NotFound

Edited = tuple[ItemRow, int]
"""An item as it is now, and the version of its resume."""


class ItemNotFound(NotFound):
    title = "Item not found"


async def read(db: AsyncSession, resume_id: UUID, item_id: UUID, *, owner_id: UUID) -> Edited:
    """Raises ResumeNotFound, ItemNotFound."""
    version = await contents.version(db, resume_id, owner_id=owner_id)
    return await find(db, resume_id, item_id), version


async def find(db: AsyncSession, resume_id: UUID, item_id: UUID) -> ItemRow:
    """An item of a resume that was found with its owner. Raises ItemNotFound."""
    item = await queries.item(db, resume_id, item_id)
    if item is None:
        raise ItemNotFound
    return item


async def create(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    section_id: UUID,
    *,
    owner_id: UUID,
    data: ItemCreate,
) -> Edited:
    """Raises what `contents.to_edit`, `places.find` and `writing.apply` do, SectionNotFound."""
    text = bounds.item_text(data.data)
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id)
    section = await service.find(db, resume_id, section_id)
    place = await _place(db, section.id, data)
    made = ItemRow(
        id=new_id(),
        section_id=section.id,
        section_rank=section.rank,
        kind=section.kind,
        rank=place.rank,
        data=text,
        visible=data.visible,
        version=1,
    )
    columns = ("id", "section_id", "kind", "rank", "data", "visible", "version")
    row = {name: getattr(made, name) for name in columns} | {"resume_id": resume.id}
    await writing.apply(db, resume, items=Changes(inserts=[row], updates=service.ranked(place.others)))
    resumes.touch(db, cache, resume)
    return made, resume.version


async def update(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    item_id: UUID,
    *,
    owner_id: UUID,
    data: ItemUpdate,
    if_match: str | None,
) -> Edited:
    """Raises what `contents.to_edit`, `entries.edited` and `writing.apply` do, ItemNotFound, VersionConflict."""
    resume, item = await _to_edit(db, resume_id, item_id, owner_id=owner_id, if_match=if_match)
    wanted: dict[str, Any] = {"data": entries.edited(item.data, data)}
    if data.visible is not UNSET:
        wanted["visible"] = data.visible
    values = {name: value for name, value in wanted.items() if value != getattr(item, name)}
    if values:
        values["version"] = item.version + 1
        changes = Changes(updates=[{"id": item.id, **values}])
        await writing.apply(db, resume, items=changes, size=_size_with(item, values))
        resumes.touch(db, cache, resume)
    return replace(item, **values), resume.version


def _size_with(item: ItemRow, values: dict[str, Any]) -> int:
    """How many bytes the JSON of all items takes once `item`, read for an edit, has `values`."""
    assert item.of_all is not None  # noqa: S101 (what is read for an edit has it)
    return item.of_all - len(item.data.encode()) + len(values.get("data", item.data).encode())


async def move(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    item_id: UUID,
    *,
    owner_id: UUID,
    data: ItemMove,
    if_match: str | None,
) -> Edited:
    """Raises what `contents.to_edit` and `places.find` do, ItemNotFound, SectionNotFound, VersionConflict."""
    resume, item = await _to_edit(db, resume_id, item_id, owner_id=owner_id, if_match=if_match)
    values: dict[str, Any] = {}
    sections: list[SectionRow] = []
    if data.section_id not in (None, item.section_id):
        sections = [await service.find(db, resume_id, id_) for id_ in (data.section_id, item.section_id)]
        values = {"section_id": sections[0].id, "kind": sections[0].kind}
    place = await _place(db, data.section_id or item.section_id, data, moved=item.id)
    if not sections and place.rank == item.rank:
        return item, resume.version
    values |= {"rank": place.rank, "version": item.version + 1}
    resized = [{"id": section.id, "version": section.version + 1} for section in sections]
    rows = [{"id": item.id, **values}, *service.ranked(place.others)]
    await writing.apply(db, resume, sections=Changes(updates=resized), items=Changes(updates=rows))
    resumes.touch(db, cache, resume)
    return replace(item, **values), resume.version


async def delete(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    item_id: UUID,
    *,
    owner_id: UUID,
    if_match: str | None,
) -> int:
    """Delete an item, which a version of the resume keeps; the number of its next state. Raises what `update` does."""
    resume, item = await _to_edit(db, resume_id, item_id, owner_id=owner_id, if_match=if_match)
    await automatic.keep(db, resume)
    await writing.apply(db, resume, items=Changes(deletes=[item.id]))
    resumes.touch(db, cache, resume)
    return resume.version


async def of_section(
    db: AsyncSession, resume_id: UUID, section_id: UUID, *, owner_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[ItemRow], str | None]:
    """A page of the items of a section, in order, and the cursor of the next. Raises ResumeNotFound, SectionNotFound."""
    after = cursors.read(cursor, ranks=2)
    await service.read(db, resume_id, section_id, owner_id=owner_id)
    ranks = await _after(db, resume_id, after, section_id=section_id)
    rows = await queries.items_of_section(db, resume_id, section_id, after=ranks, limit=limit + 1)
    return cursors.cut(rows, limit)


async def of_kind(
    db: AsyncSession, resume_id: UUID, kind: str, *, owner_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[ItemRow], str | None]:
    """The same of all sections of a kind. Raises ResumeNotFound."""
    after = cursors.read(cursor, ranks=2)
    await contents.version(db, resume_id, owner_id=owner_id)
    ranks = await _after(db, resume_id, after, kind=kind)
    rows = await queries.items_of_kind(db, resume_id, kind, after=ranks, limit=limit + 1)
    return cursors.cut(rows, limit)


async def _after(
    db: AsyncSession, resume_id: UUID, cursor: cursors.Cursor | None, **of_list: UUID | str
) -> tuple[str, ...] | None:
    """The ranks that a page begins after: where the last item of the page before stands now, or stood if it has left."""
    if cursor is None:
        return None
    last = await queries.item(db, resume_id, cursor.id)
    if last is None or any(getattr(last, name) != value for name, value in of_list.items()):
        return cursor.ranks
    return last.ranks


async def _to_edit(
    db: AsyncSession, resume_id: UUID, item_id: UUID, *, owner_id: UUID, if_match: str | None
) -> tuple[Resume, ItemRow]:
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id)
    item = await queries.item_to_edit(db, resume_id, item_id)
    if item is None:
        raise ItemNotFound
    etags.require(if_match, item.version)
    return resume, item


async def _place(
    db: AsyncSession, section_id: UUID, data: ItemCreate | ItemMove, *, moved: UUID | None = None
) -> places.Place:
    """Where in a section an item comes to stand. At its end only the last one counts: there is always room."""
    at_end = data.before_id is None and data.after_id is None
    listed = await (queries.last_place if at_end else queries.places)(db, section_id)
    return places.find(listed, before_id=data.before_id, after_id=data.after_id, moved=moved)


def shape(item: ItemRow) -> ItemRead:
    """The item as it goes out."""
    return ItemRead(
        id=item.id,
        section_id=item.section_id,
        kind=item.kind,
        data=msgspec.Raw(item.data.encode()),
        visible=item.visible,
        version=item.version,
        links=ItemLinks(library=_library(item), counterpart_id=item.counterpart_id),
    )


def _library(item: ItemRow) -> LibraryLink | None:
    if item.library_item_id is None or item.library_text is None:
        return None
    return links.link(item, item.library_item_id, item.library_text)
