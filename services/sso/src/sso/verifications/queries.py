"""Every statement on e-mail verifications."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.users.models import User
from sso.verifications.models import EmailVerification


async def claim(db: AsyncSession, sha256: bytes, *, at: datetime) -> tuple[UUID, str] | None:
    """Use the verification up: its user and e-mail key, for one of any number that try at once."""
    claimed = await db.execute(
        update(EmailVerification)
        .where(
            EmailVerification.sha256 == sha256,
            EmailVerification.used_at.is_(None),
            EmailVerification.expires_at > at,
        )
        .values(used_at=at)
        .returning(EmailVerification.user_id, EmailVerification.email_key)
        .execution_options(synchronize_session=False)
    )
    row = claimed.first()
    return (row[0], row[1]) if row else None


async def find(db: AsyncSession, sha256: bytes) -> EmailVerification | None:
    return await db.scalar(select(EmailVerification).where(EmailVerification.sha256 == sha256))


async def mark_verified(db: AsyncSession, user_id: UUID, email_key: str, *, at: datetime) -> bool:
    """Whether the account still has the address that was verified."""
    marked = await db.execute(
        update(User)
        .where(User.id == user_id, User.email_key == email_key)
        .values(email_verified_at=at)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return marked.first() is not None


async def forget_expired(db: AsyncSession, *, at: datetime) -> None:
    await db.execute(delete(EmailVerification).where(EmailVerification.expires_at < at))
