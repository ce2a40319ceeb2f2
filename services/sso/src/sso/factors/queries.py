"""Which second factors an account has."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.passkeys.models import Passkey
from sso.recovery_codes.models import RecoveryCode
from sso.totp.models import TotpSecret


async def has_totp(db: AsyncSession, user_id: UUID) -> bool:
    confirmed = exists().where(TotpSecret.user_id == user_id, TotpSecret.confirmed_at.is_not(None))
    return bool(await db.scalar(select(confirmed)))


async def has_passkey(db: AsyncSession, user_id: UUID) -> bool:
    return bool(await db.scalar(select(exists().where(Passkey.user_id == user_id))))


async def has_recovery_code(db: AsyncSession, user_id: UUID) -> bool:
    unused = exists().where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return bool(await db.scalar(select(unused)))
