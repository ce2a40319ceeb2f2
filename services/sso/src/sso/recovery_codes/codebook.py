"""The recovery codes of an account: ten, each good once, kept as keyed hashes (SECURITY 8)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from sso.factors.secrets import FactorSecrets
from sso.recovery_codes import codes, queries
from sso.recovery_codes.models import RecoveryCode

HOW_MANY = 10


async def renew(db: AsyncSession, user_id: UUID, secrets: FactorSecrets) -> list[str]:
    """New codes in the place of all others. They are known now and never again."""
    await queries.forget(db, user_id)
    made = [codes.new() for _ in range(HOW_MANY)]
    for code in made:
        hashed = secrets.hash_recovery_code(codes.normal(code), user_id=user_id)
        db.add(RecoveryCode(user_id=user_id, hashed=hashed))
    await db.flush()
    return made


async def use(db: AsyncSession, user_id: UUID, code: str, secrets: FactorSecrets) -> bool:
    """Whether `code` is one of the user's, which from now on is used."""
    hashed = secrets.hash_recovery_code(codes.normal(code), user_id=user_id)
    return await queries.claim(db, user_id, hashed, at=now())


async def left(db: AsyncSession, user_id: UUID) -> int:
    return await queries.left(db, user_id)


async def forget(db: AsyncSession, user_id: UUID) -> None:
    await queries.forget(db, user_id)
