"""Every SELECT on versions: none without its owner but the internal one, none whose resume is in the trash."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from api.resumes.models import Resume
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


async def with_content(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version | None:
    return await db.scalar(_of(owner_id).where(Version.id == version_id).options(*WHOLE))


async def of_resume(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, after: UUID | None, limit: int
) -> Sequence[Version]:
    """The newest `limit` versions of a resume that are older than `after`."""
    wanted = _of(owner_id).where(Version.resume_id == resume_id).order_by(Version.id.desc()).limit(limit)
    rows = await db.scalars(wanted if after is None else wanted.where(Version.id < after))
    return rows.all()


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


async def last_number(db: AsyncSession, resume_id: UUID) -> int:
    """The number of the newest version of a resume, 0 if it has none."""
    return await db.scalar(select(func.max(Version.number)).where(Version.resume_id == resume_id)) or 0


async def for_services(db: AsyncSession, version_id: UUID) -> Version | None:
    """Any version, also of a resume in the trash: a job that was accepted is finished."""
    return await db.scalar(select(Version).where(Version.id == version_id).options(*WHOLE))
