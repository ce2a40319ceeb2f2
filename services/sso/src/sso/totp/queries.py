"""Every statement on the secrets of authenticator apps."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.totp.models import TotpSecret, TotpSetup


async def find(db: AsyncSession, user_id: UUID) -> TotpSecret | None:
    return await db.scalar(select(TotpSecret).where(TotpSecret.user_id == user_id))


async def is_set_up(db: AsyncSession, user_id: UUID) -> bool:
    return bool(await db.scalar(select(exists().where(TotpSecret.user_id == user_id))))


async def claim_step(db: AsyncSession, user_id: UUID, step: int) -> bool:
    """Use a time step up; False if it, or a later one, was used. Of any number that try at once, one gets True."""
    claimed = await db.execute(
        update(TotpSecret)
        .where(TotpSecret.user_id == user_id, TotpSecret.last_step < step)
        .values(last_step=step)
        .returning(TotpSecret.user_id)
        .execution_options(synchronize_session=False)
    )
    return claimed.first() is not None


async def forget(db: AsyncSession, user_id: UUID) -> bool:
    """Delete the secret; False if there was none."""
    deleted = await db.execute(
        delete(TotpSecret).where(TotpSecret.user_id == user_id).returning(TotpSecret.user_id)
    )
    return deleted.first() is not None


async def waiting(db: AsyncSession, user_id: UUID, *, at: datetime, most: int) -> TotpSetup | None:
    """The setup that can still be confirmed."""
    return await db.scalar(
        select(TotpSetup).where(
            TotpSetup.user_id == user_id, TotpSetup.expires_at > at, TotpSetup.attempts < most
        )
    )


async def count_attempt(db: AsyncSession, user_id: UUID, *, at: datetime, most: int) -> TotpSetup | None:
    """The setup that waits to be confirmed, one attempt fewer left; None if it has none left, or expired."""
    setup: TotpSetup | None = await db.scalar(
        update(TotpSetup)
        .where(TotpSetup.user_id == user_id, TotpSetup.expires_at > at, TotpSetup.attempts < most)
        .values(attempts=TotpSetup.attempts + 1)
        .returning(TotpSetup)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return setup


async def forget_setup(db: AsyncSession, user_id: UUID) -> None:
    await db.execute(delete(TotpSetup).where(TotpSetup.user_id == user_id))


async def forget_expired_setups(db: AsyncSession, *, at: datetime) -> None:
    await db.execute(delete(TotpSetup).where(TotpSetup.expires_at < at))
