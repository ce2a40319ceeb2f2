"""Every statement on passkeys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.passkeys.models import Passkey


async def of(db: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    """The user's passkeys, the oldest first."""
    return (await db.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))).all()


async def find(db: AsyncSession, passkey_id: UUID, *, user_id: UUID) -> Passkey | None:
    return await db.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id))


async def find_by_credential(db: AsyncSession, credential_id: bytes) -> Passkey | None:
    return await db.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


async def note_use(
    db: AsyncSession, passkey: Passkey, *, sign_count: int, is_backed_up: bool, at: datetime
) -> bool:
    """Note that `passkey` was used; False if it is disabled, or its counter did not rise though it has one."""
    rises = Passkey.sign_count < sign_count if sign_count else Passkey.sign_count == 0
    noted = await db.execute(
        update(Passkey)
        .where(Passkey.id == passkey.id, Passkey.disabled_at.is_(None), rises)
        .values(sign_count=sign_count, is_backed_up=is_backed_up, last_used_at=at)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return noted.first() is not None


async def disable(db: AsyncSession, passkey: Passkey, *, at: datetime) -> bool:
    """False if it was disabled before, or is there no more."""
    disabled = await db.execute(
        update(Passkey)
        .where(Passkey.id == passkey.id, Passkey.disabled_at.is_(None))
        .values(disabled_at=at)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return disabled.first() is not None


async def forget(db: AsyncSession, passkey: Passkey) -> None:
    await db.execute(delete(Passkey).where(Passkey.id == passkey.id))
