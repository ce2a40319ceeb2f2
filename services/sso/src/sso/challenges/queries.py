"""Every statement on sign-ins that wait for their second factor."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.challenges.models import LoginChallenge


async def find(db: AsyncSession, sha256: bytes, *, at: datetime, most: int) -> LoginChallenge | None:
    """The challenge, if it can still be answered."""
    return await db.scalar(
        select(LoginChallenge).where(
            LoginChallenge.sha256 == sha256,
            LoginChallenge.used_at.is_(None),
            LoginChallenge.expires_at > at,
            LoginChallenge.attempts < most,
        )
    )


async def count_attempt(db: AsyncSession, challenge: LoginChallenge, *, at: datetime, most: int) -> bool:
    """Count one more attempt; False if there are none left. Of any number that try at once, `most` get True."""
    counted = await db.execute(
        update(LoginChallenge)
        .where(
            LoginChallenge.id == challenge.id,
            LoginChallenge.used_at.is_(None),
            LoginChallenge.expires_at > at,
            LoginChallenge.attempts < most,
        )
        .values(attempts=LoginChallenge.attempts + 1)
        .returning(LoginChallenge.id)
        .execution_options(synchronize_session=False)
    )
    return counted.first() is not None


async def use(db: AsyncSession, challenge: LoginChallenge, *, at: datetime) -> None:
    await db.execute(
        update(LoginChallenge)
        .where(LoginChallenge.id == challenge.id)
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
