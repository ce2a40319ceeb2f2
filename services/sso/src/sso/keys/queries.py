"""Every statement on signing keys."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.keys.models import SigningKey


async def published(db: AsyncSession, *, retired_after: datetime) -> list[SigningKey]:
    """The keys of the JWKS, the one that took over last in front."""
    found = await db.scalars(
        select(SigningKey)
        .where(or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > retired_after))
        .order_by(SigningKey.active_from.desc().nulls_last())
    )
    return list(found)


async def newest(db: AsyncSession) -> SigningKey | None:
    """The key in use; or the one that was told to take over, though its time has not come."""
    return await db.scalar(
        select(SigningKey).where(SigningKey.active_from.is_not(None), SigningKey.retired_at.is_(None))
    )


async def waiting(db: AsyncSession) -> SigningKey | None:
    """The key that takes over next."""
    return await db.scalar(select(SigningKey).where(SigningKey.active_from.is_(None)))


async def forget_retired(db: AsyncSession, *, before: datetime) -> None:
    await db.execute(delete(SigningKey).where(SigningKey.retired_at < before))
