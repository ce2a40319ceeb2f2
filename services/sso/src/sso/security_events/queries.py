"""Every SELECT on security events."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.security_events.models import SecurityEvent


async def newest(db: AsyncSession, user_id: UUID, *, before: UUID | None, limit: int) -> list[SecurityEvent]:
    """The user's events, the newest first, from the one after `before` on."""
    wanted = select(SecurityEvent).where(SecurityEvent.user_id == user_id)
    if before is not None:
        wanted = wanted.where(SecurityEvent.id < before)
    return list(await db.scalars(wanted.order_by(SecurityEvent.id.desc()).limit(limit)))
