"""Every SELECT and conditional UPDATE on sessions and refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.sessions.models import RefreshToken, Session


async def live(db: AsyncSession, user_id: UUID, *, at: datetime, active_since: datetime) -> list[Session]:
    """The user's sessions that go on, newest first."""
    found = await db.scalars(
        select(Session)
        .where(
            Session.user_id == user_id,
            Session.ended_at.is_(None),
            Session.expires_at > at,
            Session.last_active_at > active_since,
        )
        .order_by(Session.id.desc())
    )
    return list(found)


async def find(db: AsyncSession, session_id: UUID) -> Session | None:
    """Any session, one that has ended too."""
    return await db.scalar(select(Session).where(Session.id == session_id))


async def find_live(db: AsyncSession, session_id: UUID, *, user_id: UUID) -> Session | None:
    return await db.scalar(
        select(Session).where(
            Session.id == session_id, Session.user_id == user_id, Session.ended_at.is_(None)
        )
    )


async def children(db: AsyncSession, session_id: UUID) -> list[Session]:
    """The sessions of apps that go on and came from this one."""
    found = await db.scalars(
        select(Session).where(Session.parent_id == session_id, Session.ended_at.is_(None))
    )
    return list(found)


async def of_client(db: AsyncSession, client_id: str, *, user_id: UUID | None) -> list[Session]:
    """The sessions of a client that go on: all, or those of one user."""
    wanted = select(Session).where(Session.client_id == client_id, Session.ended_at.is_(None))
    return list(await db.scalars(wanted if user_id is None else wanted.where(Session.user_id == user_id)))


async def user_agents(db: AsyncSession, user_id: UUID) -> list[str]:
    found = await db.scalars(select(Session.user_agent).where(Session.user_id == user_id).distinct())
    return list(found)


async def end_tokens(db: AsyncSession, session_id: UUID, *, at: datetime) -> None:
    """Let every refresh token of the session expire."""
    await db.execute(
        update(RefreshToken)
        .where(RefreshToken.session_id == session_id, RefreshToken.expires_at > at)
        .values(expires_at=at)
        .execution_options(synchronize_session=False)
    )


async def find_token(db: AsyncSession, sha256: bytes) -> tuple[RefreshToken, Session] | None:
    found = await db.execute(
        select(RefreshToken, Session)
        .join(Session, Session.id == RefreshToken.session_id)
        .where(RefreshToken.sha256 == sha256)
    )
    row = found.first()
    return (row[0], row[1]) if row else None


async def claim(db: AsyncSession, token: RefreshToken, *, salt: bytes, at: datetime) -> bool:
    """Use up `token`; False if somebody else did. Of any number that try at once, one gets True."""
    claimed = await db.execute(
        update(RefreshToken)
        .where(RefreshToken.id == token.id, RefreshToken.used_at.is_(None))
        .values(used_at=at, successor_salt=salt)
        .returning(RefreshToken.id)
        .execution_options(synchronize_session=False)
    )
    won = claimed.first() is not None
    await db.refresh(token)
    return won


async def forget_expired(db: AsyncSession, *, at: datetime) -> None:
    """Delete refresh tokens, and sessions with theirs, that can be used no more."""
    await db.execute(delete(RefreshToken).where(RefreshToken.expires_at < at))
    await db.execute(delete(Session).where(Session.expires_at < at))
