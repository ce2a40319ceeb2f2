"""Every statement on security events."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.security_events.models import SecurityEvent


async def newest(db: AsyncSession, user_id: UUID, *, before: UUID | None, limit: int) -> list[SecurityEvent]:
    """The user's events, the newest first, from the one after `before` on."""
    wanted = select(SecurityEvent).where(SecurityEvent.user_id == user_id)
    if before is not None:
        wanted = wanted.where(SecurityEvent.id < before)
    return list(await db.scalars(wanted.order_by(SecurityEvent.id.desc()).limit(limit)))


async def forget(db: AsyncSession, *, before: datetime, unowned_before: datetime) -> None:
    """Delete events from before that time; those of no account, which nobody can look at, by one of their own."""
    unowned = and_(SecurityEvent.user_id.is_(None), SecurityEvent.at < unowned_before)
    old = or_(SecurityEvent.at < before, unowned)
    await db.execute(delete(SecurityEvent).where(old).execution_options(synchronize_session=False))
