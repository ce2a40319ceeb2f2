"""The rules of resumes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.cache import ContentCache, State
from api.resumes import queries, tags
from api.resumes.models import Resume
from api.resumes.schemas import ResumeDetail, ResumeRead
from api.search import service as search
from api.templates import service as templates
from api.templates.schemas import TemplateChoice, TemplateRef
from api.templates.service import Chosen
from common import etags
from common.ids import new_id, now
from common.problems import FieldError, NotFound, Problem

TAKEN_DOWN = ("taken_down_at", "taken_down_for")
"""Columns that a copy takes over: what staff took down is not shared again by way of it."""


class ResumeNotFound(NotFound):
    title = "Resume not found"


class ResumeLocked(Problem):
    status, code, title = 423, "RESUME_LOCKED", "The resume is locked against changes"


class UnknownPageSize(Problem):
    status, code, title = 422, "UNKNOWN_PAGE_SIZE", "The template has no such page size"


async def create(
    db: AsyncSession,
    *,
    owner_id: UUID,
    title: str,
    language: str,
    template: str | TemplateChoice | None = None,
    kind: str = "resume",
    direction: str = "auto",
    settings: Mapping[str, Any] | None = None,
    page_size: str | None = None,
    tagged: Sequence[str] = (),
) -> Resume:
    """A document that says nothing yet. Raises what is wrong with the template, its settings or its page size."""
    chosen = await templates.choose(db, template, user_id=owner_id, kind=kind)
    templates.check_options(chosen, settings or {}, at="$.settings")
    check_page_size(chosen, page_size)
    names = tags.plain(tagged)
    resume = Resume(
        id=new_id(),
        owner_id=owner_id,
        kind=kind,
        title=title,
        language=language,
        direction=direction,
        template=chosen.id,
        template_version=chosen.version,
        settings=dict(settings or {}),
        page_size=page_size,
        tags=[],
        extra="{}",
        members=[],
    )
    db.add(resume)
    await db.flush()
    await tags.put(db, resume, names)
    await search.index_head(db, resume)
    return resume


def check_page_size(chosen: Chosen, page_size: str | None) -> None:
    """Raise UnknownPageSize if the template is known not to have `page_size`."""
    if page_size is not None and chosen.page_sizes is not None and page_size not in chosen.page_sizes:
        message = f"The template {chosen.id} has: {', '.join(chosen.page_sizes)}."
        raise UnknownPageSize(message, errors=[FieldError("$.pageSize", message)])


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


async def lock(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    *,
    owner_id: UUID,
    locked: bool,
    if_match: str | None,
) -> Resume:
    """Lock a resume against changes of all that it is and says, or unlock it; the same again changes nothing."""
    resume = await hold(db, resume_id, owner_id=owner_id)
    etags.require(if_match, resume.version)
    if locked != (resume.locked_at is not None):
        resume.locked_at = now() if locked else None
        touch(db, cache, resume)
    return resume


def touch(db: AsyncSession, cache: ContentCache, resume: Resume) -> None:
    """A new version of the resume: everything that changes one ends with this."""
    resume.version += 1
    resume.updated_at = now()
    state = State(resume.version, resume.updated_at)
    cache.changed(db, resume_id=resume.id, owner_id=resume.owner_id, state=state)


def shape(resume: Resume) -> ResumeRead:
    """The resume as it goes out."""
    same = (
        "id",
        "title",
        "language",
        "kind",
        "direction",
        "settings",
        "page_size",
        "tags",
        "family_id",
        "version",
        "taken_down_at",
        "taken_down_for",
    )
    times = ("created_at", "updated_at", "deleted_at")
    return ResumeRead(
        **{name: getattr(resume, name) for name in (*same, *times)},
        template=TemplateRef(id=resume.template, version=resume.template_version),
        is_locked=resume.locked_at is not None,
    )


def detail(resume: Resume) -> ResumeDetail:
    """The resume with its basics as it goes out."""
    basics = msgspec.Raw((resume.basics or "null").encode())
    return ResumeDetail(**msgspec.structs.asdict(shape(resume)), basics=basics)
