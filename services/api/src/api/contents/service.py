"""What a resume says: read as one document, replaced as one document, stored as rows."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import queries
from api.contents.cache import Content, ContentCache, Pointer
from api.contents.changes import Changes, between
from api.contents.document import Parts, join, split
from api.contents.matching import match
from api.contents.models import Item, Section
from api.resumes import service as resumes
from api.resumes.models import Resume
from common.db import Database


async def read(db: AsyncSession, resume: Resume) -> bytes:
    """The whole document of a resume as JSON."""
    sections = await queries.texts(db, resume.id)
    return join(Parts(members=resume.members, basics=resume.basics, extra=resume.extra, sections=sections))


async def read_through(
    database: Database, cache: ContentCache, resume_id: UUID, *, owner_id: UUID
) -> Content:
    """The current content of a resume from wherever it is; afterwards it is near. Raises ResumeNotFound."""
    async with cache.reading(resume_id) as reading:
        async with database.read() as db:
            version = await queries.version(db, resume_id, owner_id=owner_id)
        if version is None:
            raise resumes.ResumeNotFound
        content = await cache.far(resume_id, version)
        if content is None:
            async with database.read() as db:
                resume = await resumes.get(db, resume_id, owner_id=owner_id)
                content = Content(resume.version, await read(db, resume))
            cache.keep(resume_id, content)
        reading.remember(Pointer(str(owner_id), content.version))
        return content


async def replace(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    *,
    owner_id: UUID,
    document: dict[str, Any],
    if_match: str | None,
) -> Resume:
    """Make `document` the content of the resume; its version rises if that changes anything."""
    resume = await resumes.to_change(db, resume_id, owner_id=owner_id, if_match=if_match)
    if await fill(db, resume, document):
        resumes.touch(db, cache, resume)
    return resume


async def fill(db: AsyncSession, resume: Resume, document: dict[str, Any]) -> bool:
    """Write `document` into the rows of `resume`; rows whose entry is still there keep their id. Whether it changed."""
    parts = split(document)
    before = (resume.members, resume.basics, resume.extra)
    after = (parts.members, parts.basics, parts.extra)
    if changed := before != after:
        resume.members, resume.basics, resume.extra = after
    sections, items = await _changes(db, resume.id, parts)
    await queries.write(db, Section, sections)
    await queries.write(db, Item, items)
    return changed or bool(sections) or bool(items)


async def _changes(db: AsyncSession, resume_id: UUID, parts: Parts) -> tuple[Changes, Changes]:
    """The changes of the sections, and of the items of those that stay or come."""
    old = await queries.sections(db, resume_id)
    places = {section.kind: index for index, section in enumerate(old)}
    kinds = list(parts.sections)
    moved = between(old, kinds, [places.get(kind) for kind in kinds], column="kind")
    sections = Changes()
    sections.add(moved, resume_id=resume_id, visible=True)
    stored = await queries.items(db, resume_id)
    items = Changes()
    for section_id, (kind, texts) in zip(moved.ids, parts.sections.items(), strict=True):
        rows = stored.get(section_id, [])
        found = match([row.data for row in rows], texts)
        of_section = between(rows, texts, found, column="data")
        items.add(of_section, resume_id=resume_id, section_id=section_id, kind=kind, visible=True)
    return sections, items
