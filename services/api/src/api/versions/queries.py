"""Every statement on versions: none without its owner but the internal ones, none whose resume is in the trash."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from api.exports.models import Export
from api.resumes.models import Resume
from api.shares.models import Share
from api.versions.models import Version

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


async def same(db: AsyncSession, resume: Resume, sha256: str) -> Version | None:
    """The version of `resume` that already says all that it says now."""
    return await db.scalar(
        select(Version).where(
            Version.resume_id == resume.id,
            Version.sha256 == sha256,
            Version.language == resume.language,
            Version.title == resume.title,
        )
    )


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
    return await db.scalar(select(func.max(Version.number)).where(Version.resume_id == resume_id)) or 0


async def for_services(db: AsyncSession, version_id: UUID) -> Version | None:
    """Any version, also of a resume in the trash: a job that was accepted is finished."""
    return await db.scalar(select(Version).where(Version.id == version_id).options(*WHOLE))


def is_needed(*, exported_since: datetime, by_open_links: bool = False) -> ColumnElement[bool]:
    """Whether an export whose file is still kept or a link is of a version; a link that was revoked counts too,
    unless it is asked `by_open_links` alone."""
    exported = exists().where(Export.version_id == Version.id, Export.created_at >= exported_since)
    shared = exists().where(Share.version_id == Version.id)
    return exported | (shared.where(Share.revoked_at.is_(None)) if by_open_links else shared)


async def needed(db: AsyncSession, version_id: UUID, *, exported_since: datetime) -> bool:
    condition = is_needed(exported_since=exported_since, by_open_links=True)
    return await db.scalar(select(Version.id).where(Version.id == version_id, condition)) is not None


async def remove(
    db: AsyncSession, ids: Sequence[UUID], *, conditions: Sequence[ColumnElement[bool]] = ()
) -> int:
    """Delete versions that meet `conditions`; how many. Exports whose file is gone and revoked links go along.

    Their resumes forget that they were frozen, so that what they say now is looked for again at the next change.
    """
    doomed = select(Version.resume_id).where(Version.id.in_(ids), *conditions)
    await db.execute(update(Resume).where(Resume.id.in_(doomed)).values(frozen_at=None))
    gone = await db.execute(delete(Version).where(Version.id.in_(ids), *conditions).returning(Version.id))
    return len(gone.all())
