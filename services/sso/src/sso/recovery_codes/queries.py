"""Every statement on recovery codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.recovery_codes.models import RecoveryCode


async def left(db: AsyncSession, user_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return await db.scalar(unused) or 0


async def claim(db: AsyncSession, user_id: UUID, hashed: bytes, *, at: datetime) -> bool:
    """Use a code up; False if there is no such one. Of any number that try at once, one gets True."""
    claimed = await db.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.hashed == hashed, RecoveryCode.used_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return claimed.first() is not None


async def forget(db: AsyncSession, user_id: UUID) -> None:
    await db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
