"""Every SELECT on resumes: none without its owner, none that sees the trash."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes.models import Resume


def _of(owner_id: UUID) -> Select[Resume]:
    return select(Resume).where(Resume.owner_id == owner_id, Resume.deleted_at.is_(None))


async def find(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume | None:
    return await db.scalar(_of(owner_id).where(Resume.id == resume_id))


async def hold(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume | None:
    """The resume, which nobody else can change until this transaction ends."""
    return await db.scalar(_of(owner_id).where(Resume.id == resume_id).with_for_update())


async def newest(db: AsyncSession, *, owner_id: UUID, after: UUID | None, limit: int) -> Sequence[Resume]:
    """The newest `limit` resumes that are older than `after`."""
    wanted = _of(owner_id).order_by(Resume.id.desc()).limit(limit)
    rows = await db.scalars(wanted if after is None else wanted.where(Resume.id < after))
    return rows.all()
