"""What is deleted of the attempts to sign in."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from sso.logins.models import LoginAttempt


async def forget_before(db: AsyncSession, at: datetime) -> None:
    await db.execute(delete(LoginAttempt).where(LoginAttempt.at < at))
