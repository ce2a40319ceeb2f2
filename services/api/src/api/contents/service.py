"""What a resume says: read as one document, replaced as one document, stored as rows."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, json_resume, queries, writing
from api.contents.cache import Content, ContentCache, Pointer, State
from api.contents.document import MOST_ITEMS, Parts, join, split
from api.contents.snapshots import adopt
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.versions import automatic
from common.db import Database
from common.problems import FieldError, Problem

_HIDDEN = "Hidden, because it may be an entry that was hidden before. Show it if it is not."


class NotJsonResume(Problem):
    status, code, title = 422, "VALIDATION_FAILED", "The document is not as JSON Resume says"


class Filled(NamedTuple):
    """Whether a document changed anything, and the paths of entries that were hidden in doubt."""

    changed: bool
    doubtful: list[str]


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
            current = await state(db, resume_id, owner_id=owner_id)
        content = await cache.far(resume_id, current)
        if content is None:
            async with database.read() as db:
                resume = await resumes.get(db, resume_id, owner_id=owner_id)
                current = State(resume.version, resume.updated_at)
                content = Content(current.version, current.token, await read(db, resume))
            cache.keep(resume_id, content)
        reading.remember(Pointer(str(owner_id), content.version, content.token))
        return content


async def version(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> int:
    """The current version of a resume. Raises ResumeNotFound."""
    return (await state(db, resume_id, owner_id=owner_id)).version


async def state(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> State:
    """The current version of a resume and since when it is. Raises ResumeNotFound."""
    found = await queries.state(db, resume_id, owner_id=owner_id)
    if found is None:
        raise resumes.ResumeNotFound
    return State(*found)


async def read_visible(database: Database, resume_id: UUID, *, owner_id: UUID) -> Content:
    """The current content of a resume without what is hidden, from the database. Raises ResumeNotFound."""
    async with database.read() as db:
        resume = await resumes.get(db, resume_id, owner_id=owner_id)
        current = State(resume.version, resume.updated_at)
        return Content(current.version, current.token, (await writing.read(db, resume)).visible())


async def to_edit(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, if_match: str | None = None
) -> Resume:
    """The resume for a change of what it says, which is kept as a version first if it had stood for a while.

    End the change with `resumes.touch`. Raises what `resumes.to_change` does.
    """
    resume = await resumes.to_change(db, resume_id, owner_id=owner_id, if_match=if_match)
    await automatic.before_change(db, resume)
    return resume


async def replace(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    *,
    owner_id: UUID,
    document: dict[str, Any],
    if_match: str | None,
    refused: Sequence[json_resume.Warning] = (),
) -> tuple[Resume, list[json_resume.Warning]]:
    """Make `document` the content of the resume; its version rises if that changes anything. With it comes what was
    hidden that was not asked for.

    Raises NotJsonResume for what its caller wants `refused`, and what `to_edit` and `fill` do.
    """
    resume = await to_edit(db, resume_id, owner_id=owner_id, if_match=if_match)
    if refused and is_json_resume(resume):
        errors = [FieldError(warning.path, warning.message) for warning in refused]
        raise NotJsonResume(f"{errors[0].path}: {errors[0].message}", errors=errors)
    filled = await fill(db, resume, document)
    if filled.changed:
        resumes.touch(db, cache, resume)
    return resume, [json_resume.Warning(path, _HIDDEN) for path in filled.doubtful]


def is_json_resume(resume: Resume) -> bool:
    """Whether its document is meant to be a JSON Resume; a letter is not."""
    return resume.kind != "cover-letter"


async def fill(db: AsyncSession, resume: Resume, document: dict[str, Any]) -> Filled:
    """Make `document` what `resume` says; parts that are still there keep their ids, and what may be a hidden one is
    hidden. Raises TooManyItems if a section would not stay one, for what it hides would show then."""
    before = await writing.read(db, resume)
    names = [section.name for section in before.sections]
    parts = split(document, first=names)
    for name in names:
        if isinstance(document.get(name), list) and name not in parts.sections:
            raise bounds.TooManyItems(
                f"At most {MOST_ITEMS} in all sections together; {name} has no room left."
            )
    adopted = adopt(parts, before)
    await automatic.before_loss(db, resume, before=before, after=adopted.snapshot)
    return Filled(await writing.write(db, resume, adopted.snapshot), adopted.doubtful)
