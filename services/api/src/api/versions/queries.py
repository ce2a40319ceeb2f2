"""Every statement on versions: none without its owner but the internal ones, none whose resume is in the trash."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    func,
    not_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer
from sqlalchemy.orm.attributes import set_committed_value

from api.exports.models import KEPT, Export
from api.resumes.models import Resume
from api.shares.models import Share
from api.versions.models import Version

UNASKED = ("automatic", "restore", "export", "share")
"""Reasons of versions that nobody asked for by themselves."""
WHOLE = (undefer(Version.content), undefer(Version.layout))


def _of(owner_id: UUID) -> Select[Version]:
    return (
        select(Version)
        .join(Resume, Resume.id == Version.resume_id)
        .where(Version.owner_id == owner_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None))
    )


async def find(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version | None:
    return await db.scalar(_of(owner_id).where(Version.id == version_id))


async def hold(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version | None:
    """The version, which nothing new can point at until this transaction ends."""
    return await db.scalar(_of(owner_id).where(Version.id == version_id).with_for_update(of=Version))


async def with_content(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version | None:
    return await db.scalar(_of(owner_id).where(Version.id == version_id).options(*WHOLE))


async def of_resume(
    db: AsyncSession,
    resume_id: UUID,
    *,
    owner_id: UUID,
    after: UUID | None,
    limit: int,
    named: bool | None = None,
    reason: str | None = None,
) -> Sequence[Version]:
    """The newest `limit` versions of a resume that are older than `after`, and as told: with or without a name."""
    wanted = _of(owner_id).where(Version.resume_id == resume_id).order_by(Version.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Version.id < after)
    if named is not None:
        wanted = wanted.where(Version.name.is_not(None) if named else Version.name.is_(None))
    if reason is not None:
        wanted = wanted.where(Version.reason == reason)
    return (await db.scalars(wanted)).all()


async def noted(db: AsyncSession, resume: Resume) -> Version | None:
    """The version that was noted to say what `resume` says, which has not changed since."""
    if resume.frozen_as is None or resume.frozen_version != resume.version:
        return None
    return await db.get(Version, resume.frozen_as)


# Built once, as what else each export of a resume that has changed takes.
_LAST_NUMBER = select(func.max(Version.number)).where(Version.resume_id == bindparam("resume"))
_SAME = select(Version.id).where(
    Version.resume_id == bindparam("resume"),
    Version.sha256 == bindparam("said"),
    Version.language == bindparam("in_language"),
    Version.title == bindparam("titled"),
)
_SAME_AND_LAST = select(_SAME.scalar_subquery(), _LAST_NUMBER.scalar_subquery())
_RESUMES = cast("Table", Resume.__table__)
_NOTE = update(_RESUMES).where(_RESUMES.c.id == bindparam("resume"))


async def same_and_last(db: AsyncSession, resume: Resume, sha256: str) -> tuple[Version | None, int]:
    """The version of `resume` that already says all that it says now, and the number of its newest, 0 if it has none."""
    what = {"said": sha256, "in_language": resume.language, "titled": resume.title}
    known, last_number = (await db.execute(_SAME_AND_LAST, {"resume": resume.id} | what)).one()
    return None if known is None else await db.get(Version, known), last_number or 0


async def note(db: AsyncSession, resume: Resume, *, frozen_as: UUID, at: datetime) -> None:
    """Note which version says what `resume` says now. That is no change to it: what is cached of it stays."""
    values = {"frozen_as": frozen_as, "frozen_version": resume.version, "frozen_at": at}
    await db.execute(_NOTE, {"resume": resume.id} | values)
    for name, value in values.items():
        set_committed_value(resume, name, value)


async def newest(db: AsyncSession, resume_id: UUID) -> Version | None:
    wanted = select(Version).where(Version.resume_id == resume_id)
    return await db.scalar(wanted.order_by(Version.number.desc()).limit(1))


async def before(db: AsyncSession, version: Version) -> Version | None:
    """The version of the same resume that came before, with what it says."""
    earlier = select(Version).where(
        Version.resume_id == version.resume_id,
        Version.owner_id == version.owner_id,
        Version.number < version.number,
    )
    return await db.scalar(earlier.order_by(Version.number.desc()).limit(1).options(*WHOLE))


async def last_number(db: AsyncSession, resume_id: UUID) -> int:
    """The number of the newest version of a resume, 0 if it has none."""
    return await db.scalar(_LAST_NUMBER, {"resume": resume_id}) or 0


_FOR_SERVICES = (
    select(Version, Resume.kind)
    .join(Resume, Resume.id == Version.resume_id)
    .where(Version.id == bindparam("version"))
    .options(*WHOLE)
)


async def for_services(db: AsyncSession, version_id: UUID) -> Row[Version, str] | None:
    """Any version, also of a resume in the trash: a job that was accepted is finished. With what the document is that it
    is of: a resume, a letter."""
    return (await db.execute(_FOR_SERVICES, {"version": version_id})).one_or_none()


def is_needed(*, at: datetime, by_open_links: bool = False) -> ColumnElement[bool]:
    """Whether an export whose file is still kept at `at` or a link is of a version; a link that was revoked counts too,
    unless it is asked `by_open_links` alone."""
    exported = exists().where(Export.version_id == Version.id, Export.due_at > at - KEPT)
    shared = exists().where(Share.version_id == Version.id)
    return exported | (shared.where(Share.revoked_at.is_(None)) if by_open_links else shared)


async def needed(db: AsyncSession, version_id: UUID, *, at: datetime) -> bool:
    condition = is_needed(at=at, by_open_links=True)
    return await db.scalar(select(Version.id).where(Version.id == version_id, condition)) is not None


async def remove(db: AsyncSession, ids: Sequence[UUID]) -> int:
    """Delete versions; how many there were. Exports whose file is gone and revoked links go along."""
    return await _remove(db, Version.id.in_(ids))


async def remove_thinnable(db: AsyncSession, ids: Sequence[UUID], *, at: datetime) -> int:
    """Delete those that still are to be thinned out; how many."""
    return await _remove(db, Version.id.in_(ids) & _is_thinnable(at))


async def _remove(db: AsyncSession, which: ColumnElement[bool]) -> int:
    """Their resumes forget that they were frozen: what they say is looked for again at the next change."""
    resumes = select(Version.resume_id).where(which)
    await db.execute(
        update(Resume)
        .where(Resume.id.in_(resumes))
        .values(frozen_at=None, frozen_as=None)
        .execution_options(synchronize_session=False)
    )
    gone = await db.execute(
        delete(Version).where(which).returning(Version.id).execution_options(synchronize_session=False)
    )
    return len(gone.all())


async def with_several(db: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    """The next resumes that have more than one version, by their id."""
    wanted = select(Version.resume_id).group_by(Version.resume_id).having(func.count() > 1)
    wanted = wanted.order_by(Version.resume_id).limit(limit)
    rows = await db.scalars(wanted if after is None else wanted.where(Version.resume_id > after))
    return rows.all()


async def marks(
    db: AsyncSession, resume_ids: Sequence[UUID], *, at: datetime
) -> Sequence[Row[UUID, UUID, int, datetime, bool]]:
    """What thinning has to know of all versions of resumes."""
    rows = await db.execute(
        select(
            Version.id,
            Version.resume_id,
            Version.number,
            Version.created_at,
            _is_thinnable(at).label("is_thinnable"),
        ).where(Version.resume_id.in_(resume_ids))
    )
    return rows.all()


def _is_thinnable(at: datetime) -> ColumnElement[bool]:
    return Version.name.is_(None) & Version.reason.in_(UNASKED) & not_(is_needed(at=at))
