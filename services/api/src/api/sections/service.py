"""The rules of sections. What changes one changes its resume, and leaves other sections as they are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, writing
from api.contents import service as contents
from api.contents.cache import ContentCache
from api.contents.changes import Changes
from api.contents.snapshots import arranged
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.sections import cursors, names, places, queries
from api.sections.models import SectionRow
from api.sections.schemas import SectionCreate, SectionMove, SectionRead, SectionUpdate
from api.versions import automatic
from common import etags
from common.ids import new_id
from common.problems import NotFound
from common.schemas import read as read_as

Edited = tuple[SectionRow, int]
"""A section as it is now, and the version of its resume."""


class SectionNotFound(NotFound):
    title = "Section not found"


async def page(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[SectionRow], str | None]:
    """A page of the sections of a resume, in order, and the cursor of the next. Raises ResumeNotFound."""
    after = cursors.read(cursor, ranks=1)
    await contents.version(db, resume_id, owner_id=owner_id)
    rows = await queries.sections(db, resume_id)
    if after is not None:
        stands = {section.id: section.ranks for section in rows}.get(after.id, after.ranks)
        rows = [section for section in rows if section.ranks > stands]
    return cursors.cut(rows, limit)


async def read(db: AsyncSession, resume_id: UUID, section_id: UUID, *, owner_id: UUID) -> Edited:
    """Raises ResumeNotFound, SectionNotFound."""
    version = await contents.version(db, resume_id, owner_id=owner_id)
    return await find(db, resume_id, section_id), version


async def find(db: AsyncSession, resume_id: UUID, section_id: UUID) -> SectionRow:
    """A section of a resume that was found with its owner. Raises SectionNotFound."""
    section = await queries.section(db, resume_id, section_id)
    if section is None:
        raise SectionNotFound
    return section


async def create(
    db: AsyncSession, cache: ContentCache, resume_id: UUID, *, owner_id: UUID, data: SectionCreate
) -> Edited:
    """A new, empty section. Raises what `contents.to_edit`, `names.choose` and `places.find` do, TooManySections."""
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id)
    sections = await queries.sections(db, resume_id)
    bounds.require_another_section(len(sections))
    name = names.choose(
        data.name,
        kind=data.kind,
        members=resume.members,
        sections={section.name for section in sections},
    )
    place = places.find(sections, before_id=data.before_id, after_id=data.after_id)
    given = {field: getattr(data, field) for field in SectionUpdate.__struct_fields__}
    made = SectionRow(id=new_id(), name=name, rank=place.rank, version=1, item_count=0, **given)
    resume.members = arranged(resume.members, _in_order(sections, made, place.others))
    row = {name: value for name, value in asdict(made).items() if name != "item_count"}
    changes = Changes(inserts=[row | {"resume_id": resume.id}], updates=ranked(place.others))
    await writing.apply(db, resume, sections=changes)
    resumes.touch(db, cache, resume)
    return made, resume.version


async def update(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    section_id: UUID,
    *,
    owner_id: UUID,
    data: SectionUpdate,
    if_match: str | None,
) -> Edited:
    """Raises what `contents.to_edit` does, SectionNotFound, VersionConflict."""
    resume, section = await _to_edit(db, resume_id, section_id, owner_id=owner_id, if_match=if_match)
    given = {name: value for name, value in asdict(data).items() if value is not UNSET}
    values = {name: value for name, value in given.items() if value != getattr(section, name)}
    if values:
        items = await _of_kind(db, section.id, data.kind) if "kind" in values else []
        values["version"] = section.version + 1
        updates = [{"id": section.id, **values}]
        await writing.apply(db, resume, sections=Changes(updates=updates), items=Changes(updates=items))
        resumes.touch(db, cache, resume)
    return replace(section, **values), resume.version


async def move(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    section_id: UUID,
    *,
    owner_id: UUID,
    data: SectionMove,
    if_match: str | None,
) -> Edited:
    """Raises what `contents.to_edit` and `places.find` do, SectionNotFound, VersionConflict."""
    resume, section = await _to_edit(db, resume_id, section_id, owner_id=owner_id, if_match=if_match)
    sections = await queries.sections(db, resume_id)
    place = places.find(sections, before_id=data.before_id, after_id=data.after_id, moved=section.id)
    if place.rank != section.rank:
        section = replace(section, rank=place.rank, version=section.version + 1)
        resume.members = arranged(resume.members, _in_order(sections, section, place.others))
        row = {"id": section.id, "rank": section.rank, "version": section.version}
        await writing.apply(db, resume, sections=Changes(updates=[row, *ranked(place.others)]))
        resumes.touch(db, cache, resume)
    return section, resume.version


async def delete(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    section_id: UUID,
    *,
    owner_id: UUID,
    if_match: str | None,
) -> int:
    """Delete a section with its items, which a version of the resume keeps; the number of its next state.

    Raises what `update` does.
    """
    resume, section = await _to_edit(db, resume_id, section_id, owner_id=owner_id, if_match=if_match)
    if section.item_count:
        await automatic.keep(db, resume)
    left = [other.name for other in await queries.sections(db, resume_id) if other.id != section.id]
    resume.members = arranged(resume.members, left, gone={section.name})
    await writing.apply(db, resume, sections=Changes(deletes=[section.id]))
    resumes.touch(db, cache, resume)
    return resume.version


async def _to_edit(
    db: AsyncSession, resume_id: UUID, section_id: UUID, *, owner_id: UUID, if_match: str | None
) -> tuple[Resume, SectionRow]:
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id)
    section = await find(db, resume_id, section_id)
    etags.require(if_match, section.version)
    return resume, section


def _in_order(sections: Sequence[SectionRow], put: SectionRow, others: dict[UUID, str]) -> list[str]:
    """The names of `sections` with `put` among them, in order; `others` are new ranks of some."""
    ranks = {section.name: others.get(section.id, section.rank) for section in sections}
    ranks[put.name] = put.rank
    return sorted(ranks, key=ranks.__getitem__)


def ranked(others: dict[UUID, str]) -> list[dict[str, Any]]:
    """Rows that only stand elsewhere. That they do is no new version of them: whoever edits one is not in the way."""
    return [{"id": id_, "rank": rank} for id_, rank in others.items()]


async def _of_kind(db: AsyncSession, section_id: UUID, kind: Any) -> list[dict[str, Any]]:
    """The items of a section as they have to be written for it to be of another kind."""
    versions = await queries.versions(db, section_id)
    return [{"id": id_, "kind": kind, "version": version + 1} for id_, version in versions.items()]


def shape(section: SectionRow) -> SectionRead:
    """The section as it goes out."""
    return read_as(SectionRead, section)
