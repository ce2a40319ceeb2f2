"""What of an account's second factors is asked across their tables."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.passkeys.models import Passkey


async def count_passkeys(db: AsyncSession, user_id: UUID) -> int:
    return await db.scalar(select(func.count()).where(Passkey.user_id == user_id)) or 0
