"""What staff find: resumes of anybody, in the trash or not."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes.models import Resume
from api.search.folding import sort_key
from api.shares.models import Share

WithLinks = Row[Resume, int]
"""A resume, and how many of its links are not revoked."""


def _all() -> Select[Resume, int]:
    links = select(func.count()).where(Share.resume_id == Resume.id, Share.revoked_at.is_(None))
    return select(Resume, links.scalar_subquery().label("links"))


async def find(db: AsyncSession, resume_id: UUID) -> WithLinks | None:
    return (await db.execute(_all().where(Resume.id == resume_id))).one_or_none()


async def hold(db: AsyncSession, resume_id: UUID) -> Resume | None:
    """The resume, which nobody else can change until this transaction ends."""
    return await db.scalar(select(Resume).where(Resume.id == resume_id).with_for_update())


async def newest(
    db: AsyncSession,
    *,
    owner_id: UUID | None,
    title: str | None,
    is_taken_down: bool | None,
    after: UUID | None,
    limit: int,
) -> Sequence[WithLinks]:
    """The newest `limit` resumes that are older than `after`."""
    wanted = _all().order_by(Resume.id.desc()).limit(limit)
    if owner_id is not None:
        wanted = wanted.where(Resume.owner_id == owner_id)
    if title:
        wanted = wanted.where(Resume.title_key.contains(sort_key(title), autoescape=True))
    if is_taken_down is not None:
        was = Resume.taken_down_at.is_not(None)
        wanted = wanted.where(was if is_taken_down else ~was)
    if after is not None:
        wanted = wanted.where(Resume.id < after)
    return (await db.execute(wanted)).all()
