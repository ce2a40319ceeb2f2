"""Every SELECT and conditional UPDATE on sessions and refresh tokens."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict, cast
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.sessions.models import RefreshToken, Session
from sso.users.models import User


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


async def lock(db: AsyncSession, session_id: UUID) -> None:
    """Hold a session until the transaction ends."""
    await db.execute(select(Session.id).where(Session.id == session_id).with_for_update())


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


async def of_impersonator(db: AsyncSession, staff_id: UUID) -> list[Session]:
    """The sessions that go on in which a member of staff acts for others."""
    found = await db.scalars(
        select(Session).where(Session.impersonator_id == staff_id, Session.ended_at.is_(None))
    )
    return list(found)


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


class Use(NamedTuple):
    """When a token was used up, and the salt that its successor is made with."""

    at: datetime
    salt: bytes


class Family(NamedTuple):
    """A refresh token with what it belongs to."""

    token_id: UUID
    expires_at: datetime
    use: Use | None
    session: Session
    user: User


class NewToken(TypedDict):
    """A row of `refresh_tokens`."""

    id: UUID
    session_id: UUID
    sha256: bytes
    created_at: datetime
    expires_at: datetime


# Made once: putting a statement together takes longer than running it.
_TOKENS, _SESSIONS = cast(Table, RefreshToken.__table__), cast(Table, Session.__table__)
_FAMILIES = (
    select(_TOKENS, Session, User)
    .join_from(_TOKENS, Session, Session.id == _TOKENS.c.session_id)
    .join(User, User.id == Session.user_id)
    .where(_TOKENS.c.sha256.in_(bindparam("hashes", expanding=True)))
)
_USE_UP = (
    update(_TOKENS)
    .where(
        _TOKENS.c.id.in_(bindparam("tokens", expanding=True)),
        _TOKENS.c.used_at.is_(None),
        _TOKENS.c.expires_at > bindparam("at"),  # a step-up may have ended it since it was read
    )
    .values(used_at=bindparam("at"), successor_salt=bindparam("salt"))
    .returning(_TOKENS.c.id)
)
_USES = select(_TOKENS.c.id, _TOKENS.c.used_at, _TOKENS.c.successor_salt).where(
    _TOKENS.c.id.in_(bindparam("tokens", expanding=True))
)
_ACTIVE = (
    update(_SESSIONS)
    .where(_SESSIONS.c.id.in_(bindparam("sessions", expanding=True)))
    .values(last_active_at=bindparam("at"))
)
_KEEP = insert(_TOKENS)


async def families(db: AsyncSession, hashes: Iterable[bytes]) -> dict[bytes, Family]:
    """The tokens with these SHA-256, by them, with their sessions and users."""
    rows = await db.execute(_FAMILIES, {"hashes": list(hashes)})
    return {
        row.sha256: Family(row.id, row.expires_at, _use(row), row.Session, row.User) for row in rows.all()
    }


def _use(row: Row[Any, Any, Any]) -> Use | None:
    return Use(row.used_at, row.successor_salt) if row.used_at is not None else None


async def use_up(db: AsyncSession, token_ids: Iterable[UUID], use: Use) -> set[UUID]:
    """Use up those of the tokens that nobody has: their ids. Of any number that try at once, one has each."""
    won = await db.scalars(_USE_UP, {"tokens": list(token_ids), "at": use.at, "salt": use.salt})
    return set(won)


async def uses(db: AsyncSession, token_ids: Iterable[UUID]) -> dict[UUID, Use]:
    """How those of the tokens were used that were."""
    if not (wanted := list(token_ids)):
        return {}
    rows = await db.execute(_USES, {"tokens": wanted})
    return {row.id: use for row in rows if (use := _use(row)) is not None}


async def go_on(db: AsyncSession, following: Sequence[NewToken], *, at: datetime) -> None:
    """Keep the next refresh tokens of sessions that were active at `at`."""
    if following:
        await db.execute(_ACTIVE, {"sessions": [token["session_id"] for token in following], "at": at})
        await db.execute(_KEEP, following)


async def forget_expired(db: AsyncSession, *, at: datetime) -> None:
    """Delete refresh tokens, and sessions with theirs, that can be used no more."""
    await db.execute(delete(RefreshToken).where(RefreshToken.expires_at < at))
    await db.execute(delete(Session).where(Session.expires_at < at))
