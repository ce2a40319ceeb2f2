"""Every statement on links. Those of an owner name them; visitors come by the slug, and see no trash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes.models import Resume
from api.shares.models import Share, SpentSlug

OfResume = Row[Share, int, datetime, str, str]
"""A link, and of its resume the version, when it was changed, its language and direction."""


def _of(owner_id: UUID) -> Select[Share]:
    return (
        select(Share)
        .join(Resume, Resume.id == Share.resume_id)
        .where(Share.owner_id == owner_id, Resume.owner_id == owner_id, Resume.deleted_at.is_(None))
    )


async def find(db: AsyncSession, share_id: UUID, *, owner_id: UUID) -> Share | None:
    return await db.scalar(_of(owner_id).where(Share.id == share_id))


async def resume_of(db: AsyncSession, share_id: UUID, *, owner_id: UUID) -> UUID | None:
    """Whose link it is among the resumes of its owner."""
    return await db.scalar(_of(owner_id).with_only_columns(Share.resume_id).where(Share.id == share_id))


async def hold(db: AsyncSession, share_id: UUID, *, owner_id: UUID) -> Share | None:
    """The link, which nobody else can change until this transaction ends."""
    return await db.scalar(_of(owner_id).where(Share.id == share_id).with_for_update(of=Share))


async def of_resume(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, after: UUID | None, limit: int
) -> Sequence[Share]:
    """The newest `limit` links of a resume that are older than `after`."""
    wanted = _of(owner_id).where(Share.resume_id == resume_id).order_by(Share.id.desc()).limit(limit)
    rows = await db.scalars(wanted if after is None else wanted.where(Share.id < after))
    return rows.all()


async def count(db: AsyncSession, resume_id: UUID) -> int:
    """How many links of a resume are not revoked."""
    wanted = select(func.count()).where(Share.resume_id == resume_id, Share.revoked_at.is_(None))
    return await db.scalar(wanted) or 0


async def with_slug(db: AsyncSession, slug: str) -> Share | None:
    """Whosever link has that slug, revoked or not."""
    return await db.scalar(select(Share).where(Share.slug == slug).with_for_update())


async def spender(db: AsyncSession, slug: str) -> UUID | None:
    """Who ever chose that slug."""
    return await db.scalar(select(SpentSlug.owner_id).where(SpentSlug.slug == slug))


async def count_spent(db: AsyncSession, owner_id: UUID) -> int:
    """How many slugs somebody ever chose."""
    return await db.scalar(select(func.count()).where(SpentSlug.owner_id == owner_id)) or 0


async def by_slug(db: AsyncSession, slug: str) -> OfResume | None:
    """The link that a visitor names."""
    found = await db.execute(
        select(Share, Resume.version, Resume.updated_at, Resume.language, Resume.direction)
        .join(Resume, Resume.id == Share.resume_id)
        .where(
            Share.slug == slug,
            Share.revoked_at.is_(None),
            Resume.deleted_at.is_(None),
            Resume.taken_down_at.is_(None),
        )
    )
    return found.one_or_none()


async def take_open(db: AsyncSession, share: Share, *, at: datetime) -> bool:
    """Count one opening of a link that may be opened only so often; False if that was used up, or the link changed."""
    done: Any = await db.execute(
        update(Share)
        .where(
            Share.id == share.id,
            Share.version == share.version,
            Share.opens < Share.max_views,
            or_(Share.expires_at.is_(None), Share.expires_at > at),
        )
        .values(opens=Share.opens + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)
