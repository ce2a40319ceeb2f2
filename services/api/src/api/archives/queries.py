"""Every SELECT on what an archive is made of beyond what its features find themselves."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.versions.models import Version


async def versions(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, named: bool, limit: int
) -> Sequence[UUID]:
    """The ids of the newest versions of a resume, oldest first: all, or those with a name."""
    wanted = select(Version.id).where(Version.resume_id == resume_id, Version.owner_id == owner_id)
    if named:
        wanted = wanted.where(Version.name.is_not(None))
    rows = await db.scalars(wanted.order_by(Version.number.desc()).limit(limit))
    return rows.all()[::-1]
