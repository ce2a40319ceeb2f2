"""Every SELECT of profiles."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from account.profiles.models import Profile


async def find(db: AsyncSession, *, user_id: UUID) -> Profile | None:
    return await db.get(Profile, user_id)


async def find_for_update(db: AsyncSession, *, user_id: UUID) -> Profile | None:
    """The profile, held against other writers until the transaction ends (on SQLite there is only one anyway)."""
    return await db.scalar(select(Profile).where(Profile.user_id == user_id).with_for_update())
