"""Every SELECT on identities."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.identities.models import Identity


async def find(db: AsyncSession, issuer: str, subject: str) -> Identity | None:
    return await db.scalar(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))


async def of_user(db: AsyncSession, user_id: UUID) -> list[Identity]:
    """The identities of an account, in the order they were linked in."""
    return list(await db.scalars(select(Identity).where(Identity.user_id == user_id).order_by(Identity.id)))
