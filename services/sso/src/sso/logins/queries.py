"""Every statement on attempts to sign in."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.logins.models import LoginAttempt


def account_sha256(email_key: str) -> bytes:
    return hashlib.sha256(email_key.encode()).digest()


async def addresses(db: AsyncSession, email_key: str, *, since: datetime) -> int:
    """From how many addresses an account was tried."""
    tried = select(func.count(LoginAttempt.ip.distinct())).where(
        LoginAttempt.account_sha256 == account_sha256(email_key),
        LoginAttempt.at > since,
        LoginAttempt.succeeded.is_(False),
    )
    return await db.scalar(tried) or 0


async def mark_succeeded(db: AsyncSession, attempt_id: UUID) -> None:
    await db.execute(
        update(LoginAttempt)
        .where(LoginAttempt.id == attempt_id)
        .values(succeeded=True)
        .execution_options(synchronize_session=False)
    )


async def forget_before(db: AsyncSession, at: datetime) -> None:
    await db.execute(delete(LoginAttempt).where(LoginAttempt.at < at))
