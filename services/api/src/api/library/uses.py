"""The uses of library items in resumes: made, linked, unlinked, and their wording given to the library.

What holds both holds the library item before the resume, so that no two wait for each other.
"""

from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, codec, writing
from api.contents import service as contents
from api.contents.cache import ContentCache
from api.contents.changes import Changes
from api.contents.models import Item
from api.library import merging, queries, service, settling
from api.library.models import LibraryItem
from api.library.schemas import LibraryItemCreate
from api.library.uses_schemas import Use
from api.responses.scopes import mark
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.sections import items, places
from api.sections import queries as section_queries
from api.sections import service as sections
from api.sections.items import Edited
from api.sections.models import ItemRow
from common.ids import new_id
from common.problems import FieldError, Problem, ValidationFailed


class NotLinked(Problem):
    status, code, title = 409, "NOT_IN_LIBRARY", "The item is not linked to the library"


class AlreadyLinked(Problem):
    status, code, title = 409, "ALREADY_IN_LIBRARY", "The item is linked to the library already"


class KindDiffers(Problem):
    status, code, title = 422, "LIBRARY_KIND_DIFFERS", "The library item is of another kind"


async def create(db: AsyncSession, *, owner_id: UUID, data: LibraryItemCreate) -> LibraryItem:
    """A library item, new or from an item of a resume. Raises ValidationFailed if it is not said which."""
    new, old = (data.kind, data.data), (data.resume_id, data.from_item_id)
    if UNSET not in new and old == (UNSET, UNSET):
        text = bounds.item_text(data.data)
        return await service.create(db, owner_id=owner_id, kind=str(data.kind), data=text, name=data.name)
    if new == (UNSET, UNSET) and isinstance(data.resume_id, UUID) and isinstance(data.from_item_id, UUID):
        return await _from_item(db, data.resume_id, data.from_item_id, owner_id=owner_id, name=data.name)
    message = "Give either kind and data, or resumeId and fromItemId."
    raise ValidationFailed(message, errors=[FieldError("$", message)])


async def _from_item(
    db: AsyncSession, resume_id: UUID, item_id: UUID, *, owner_id: UUID, name: str | None
) -> LibraryItem:
    """A library item that says what an item of a resume says, which becomes its first use."""
    resume = await resumes.to_change(db, resume_id, owner_id=owner_id)
    item = await find(db, resume, item_id)
    if item.library_item_id is not None:
        raise AlreadyLinked("Unlink it first.")
    made = await service.create(db, owner_id=owner_id, kind=item.kind, data=item.data, name=name)
    _agree(item, made)
    return made


async def add(
    db: AsyncSession, cache: ContentCache, resume_id: UUID, section_id: UUID, *, owner_id: UUID, data: Use
) -> Edited:
    """A new item in a section that says what a library item says, but for `fields`."""
    await resumes.get(db, resume_id, owner_id=owner_id)
    found = await service.hold(db, data.library_item_id, owner_id=owner_id)
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id)
    section = await sections.find(db, resume.id, section_id)
    _check_kind(section.kind, found)
    listed = await section_queries.places(db, section.id)
    place = places.find(listed, before_id=data.before_id, after_id=data.after_id)
    row: dict[str, Any] = {
        "id": new_id(),
        "resume_id": resume.id,
        "section_id": section.id,
        "kind": section.kind,
        "rank": place.rank,
        "visible": data.visible,
        "data": _reworded(found.data, data.fields),
        "library_item_id": found.id,
        "library_version": found.version,
        "library_base": found.data,
    }
    await writing.apply(db, resume, items=Changes(inserts=[row], updates=sections.ranked(place.others)))
    resumes.touch(db, cache, resume)
    return await items.find(db, resume.id, row["id"]), resume.version


async def link(
    db: AsyncSession, resume_id: UUID, item_id: UUID, *, owner_id: UUID, library_item_id: UUID
) -> Edited:
    """Make an item a use of a library item: it keeps what it says, which are overrides where it differs."""
    await resumes.get(db, resume_id, owner_id=owner_id)
    found = await service.hold(db, library_item_id, owner_id=owner_id)
    resume = await resumes.to_change(db, resume_id, owner_id=owner_id)
    item = await find(db, resume, item_id)
    _check_kind(item.kind, found)
    if item.library_item_id != found.id:
        _agree(item, found)
        mark(db, owner_id)
        await db.flush()
    return await items.find(db, resume.id, item.id), resume.version


async def unlink(db: AsyncSession, resume_id: UUID, item_id: UUID, *, owner_id: UUID) -> None:
    """Make a use an item like others. What is none is not changed."""
    resume = await resumes.to_change(db, resume_id, owner_id=owner_id)
    item = await find(db, resume, item_id)
    if item.library_item_id is not None:
        for name, value in queries.UNLINKED.items():
            setattr(item, name, value)
        item.version += 1
        mark(db, owner_id)


async def publish(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    item_id: UUID,
    *,
    owner_id: UUID,
    fields: list[str] | None,
    if_match: str | None,
) -> tuple[LibraryItem, ItemRow]:
    """Give the library this use's own wording (of `fields`), also where the library changed meanwhile.

    The use is up to date then: fields that it does not word itself take what the library said since. `if_match` is
    about the library item. Raises NotLinked.
    """
    seen = await resumes.get(db, resume_id, owner_id=owner_id)
    library_item_id = (await find(db, seen, item_id)).library_item_id
    if library_item_id is None:
        raise NotLinked
    found = await service.hold(db, library_item_id, owner_id=owner_id, if_match=if_match)
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id)
    item = await find(db, resume, item_id)
    if item.library_item_id != found.id or item.library_base is None:
        raise NotLinked
    sides = merging.compare(base=item.library_base, theirs=item.data, ours=found.data)
    wanted = [name for name in sides.theirs + sides.both if fields is None or name in fields]
    service.change(found, data=merging.take(found.data, item.data, wanted, sides=sides), name=found.name)
    await settling.settle(db, cache, resume, [item], found)
    return found, await items.find(db, resume.id, item_id)


async def find(db: AsyncSession, resume: Resume, item_id: UUID) -> Item:
    """An item of `resume` as it is now. Raises ItemNotFound."""
    found = await queries.items(db, resume.id, [item_id])
    if not found:
        raise items.ItemNotFound
    return found[0]


def _agree(item: Item, found: LibraryItem) -> None:
    item.library_item_id = found.id
    item.library_version = found.version
    item.library_base = found.data
    item.version += 1  # that it is linked is part of what is read of it


def _check_kind(kind: str, found: LibraryItem) -> None:
    if kind != found.kind:
        raise KindDiffers(f"The library item is of the kind {found.kind}, the resume has {kind} here.")


def _reworded(text: str, fields: dict[str, Any]) -> str:
    """The entry `text` with `fields` in it. Raises ValidationFailed if it is no object."""
    if not fields:
        return text
    entry = codec.decode(text)
    if not isinstance(entry, dict):
        message = "The library item is no object, so it has no fields."
        raise ValidationFailed(message, errors=[FieldError("$.fields", message)])
    return bounds.item_text(entry | fields)
