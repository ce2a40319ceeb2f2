"""What of an account's second factors is asked across their tables."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.passkeys.models import Passkey
from sso.recovery_codes.models import RecoveryCode
from sso.totp.models import TotpSecret, TotpSetup


async def count_passkeys(db: AsyncSession, user_id: UUID) -> int:
    return await db.scalar(select(func.count()).where(Passkey.user_id == user_id)) or 0


async def forget_all(db: AsyncSession, user_id: UUID) -> None:
    """Delete every second factor of the user, and what stands in for them."""
    for kind in (TotpSetup, TotpSecret, Passkey, RecoveryCode):
        await db.execute(delete(kind).where(kind.user_id == user_id))
