"""The rules of resumes."""

from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.cache import ContentCache
from api.resumes import queries
from api.resumes.models import Resume
from api.resumes.schemas import ResumeRead, ResumeUpdate
from api.templates import service as templates
from api.templates.schemas import TemplateChoice, TemplateRef
from common import etags
from common.ids import new_id, now
from common.problems import NotFound, Problem


class ResumeNotFound(NotFound):
    title = "Resume not found"


class ResumeLocked(Problem):
    status, code, title = 423, "RESUME_LOCKED", "The resume is locked against changes"


async def create(
    db: AsyncSession,
    *,
    owner_id: UUID,
    title: str,
    language: str,
    template: str | TemplateChoice | None = None,
) -> Resume:
    """An empty resume."""
    chosen = await templates.choose(db, template)
    resume = Resume(
        id=new_id(),
        owner_id=owner_id,
        title=title,
        language=language,
        template=chosen.id,
        template_version=chosen.version,
        settings={},
        members=[],
    )
    db.add(resume)
    await db.flush()
    return resume


async def get(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume:
    resume = await queries.find(db, resume_id, owner_id=owner_id)
    if resume is None:
        raise ResumeNotFound
    return resume


async def hold(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume:
    """The resume, which stays as it is until this transaction ends. Raises ResumeNotFound."""
    resume = await queries.hold(db, resume_id, owner_id=owner_id)
    if resume is None:
        raise ResumeNotFound
    return resume


async def to_change(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, if_match: str | None = None
) -> Resume:
    """The resume for a change that its caller meant for the version in `if_match`.

    Raises ResumeNotFound, ResumeLocked, VersionConflict.
    """
    resume = await hold(db, resume_id, owner_id=owner_id)
    if resume.locked_at is not None:
        raise ResumeLocked("Unlock it first: `PUT /resumes/{id}/lock` with `locked: false`.")
    etags.require(if_match, resume.version)
    return resume


async def update(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    *,
    owner_id: UUID,
    data: ResumeUpdate,
    if_match: str | None,
) -> Resume:
    resume = await to_change(db, resume_id, owner_id=owner_id, if_match=if_match)
    changes = await _changes(db, resume, data)
    if any(getattr(resume, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(resume, name, value)
        touch(db, cache, resume)
    return resume


async def _changes(db: AsyncSession, resume: Resume, data: ResumeUpdate) -> dict[str, Any]:
    given = {name: getattr(data, name) for name in ("title", "language", "settings")}
    changes = {name: value for name, value in given.items() if value is not UNSET}
    if data.template is not UNSET:
        chosen = await templates.choose(db, data.template, kind=resume.kind)
        changes |= {"template": chosen.id, "template_version": chosen.version}
    elif data.settings is not UNSET:
        chosen = await templates.chosen(db, resume.template, resume.template_version)
    if data.settings is not UNSET:
        templates.check_options(chosen, data.settings, at="$.settings")
    return changes


async def trash(
    db: AsyncSession, cache: ContentCache, resume_id: UUID, *, owner_id: UUID, if_match: str | None
) -> None:
    resume = await to_change(db, resume_id, owner_id=owner_id, if_match=if_match)
    resume.deleted_at = now()
    touch(db, cache, resume)


def touch(db: AsyncSession, cache: ContentCache, resume: Resume) -> None:
    """A new version of the resume: everything that changes one ends with this."""
    resume.version += 1
    resume.updated_at = now()
    cache.changed(db, resume_id=resume.id, owner_id=resume.owner_id, version=resume.version)


def shape(resume: Resume) -> ResumeRead:
    """The resume as it goes out."""
    return ResumeRead(
        id=resume.id,
        title=resume.title,
        language=resume.language,
        template=TemplateRef(id=resume.template, version=resume.template_version),
        settings=resume.settings,
        version=resume.version,
        created_at=resume.created_at,
        updated_at=resume.updated_at,
    )
