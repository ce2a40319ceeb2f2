"""Every SELECT on accounts."""

from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.users.models import User


async def find(db: AsyncSession, user_id: UUID) -> User | None:
    return await db.scalar(select(User).where(User.id == user_id))


async def find_by_email(db: AsyncSession, key: str) -> User | None:
    return await db.scalar(select(User).where(User.email_key == key))


async def lock(db: AsyncSession, user_id: UUID) -> User | None:
    """The account as it is now, held until the transaction ends: what gives access and what ends it (signing in,
    suspending, signing out everywhere) must not pass each other."""
    locked = select(User).where(User.id == user_id).with_for_update()
    return await db.scalar(locked.execution_options(populate_existing=True))


async def lock_by_email(db: AsyncSession, key: str) -> User | None:
    return await db.scalar(select(User).where(User.email_key == key).with_for_update())


async def search(db: AsyncSession, *, text: str, before: UUID | None, limit: int) -> list[User]:
    """The newest accounts whose e-mail or name holds `text`, from the one after `before` on."""
    wanted = select(User).order_by(User.id.desc()).limit(limit)
    if text:
        wanted = wanted.where(
            or_(
                User.email_key.contains(text.casefold(), autoescape=True),
                User.name.icontains(text, autoescape=True),
            )
        )
    if before is not None:
        wanted = wanted.where(User.id < before)
    return list(await db.scalars(wanted))


async def delete_user(db: AsyncSession, user_id: UUID) -> None:
    """Delete the account; the database deletes what refers to it along."""
    await db.execute(delete(User).where(User.id == user_id).execution_options(synchronize_session=False))
    db.expunge_all()
