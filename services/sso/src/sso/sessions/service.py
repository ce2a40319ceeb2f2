"""The rules of sessions: how one starts, goes on by rotating its refresh token, and ends.

A session is the family of its refresh tokens (RFC 9700 section 4.14.2): each can be used once, and using one again
tells that it was stolen, so the session ends.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, new_token, now
from common.jobs import enqueue
from common.problems import NotFound, Unauthorized
from common.tokens import PLATFORM_SCOPE
from sso.api_keys import service as api_keys
from sso.callers import Caller
from sso.logouts import notices
from sso.security_events import service as security_events
from sso.sessions import queries, rotations
from sso.sessions.models import PLATFORM_CLIENT, RefreshToken, Session
from sso.sessions.revocations import revoke_session, revoke_token
from sso.sessions.rotations import ABSOLUTE, IDLE, Reused, Shown
from sso.sessions.rotations import SignedIn as SignedIn
from sso.sessions.successors import Successors, sha256
from sso.users import queries as users
from sso.users.models import User

REVOKED_BY_CLIENT = "revoked_by_client"
"""Why a session ended whose client revoked its own token: there is nothing to tell it."""


class SessionNotFound(NotFound):
    code, title = "SESSION_NOT_FOUND", "Session not found"


class RefreshTokenInvalid(Unauthorized):
    code, title = "TOKEN_INVALID", "The refresh token is not valid"


class TokenReused(Unauthorized):
    code, title = "TOKEN_REUSED", "The refresh token was used before, so its session has ended"


class Grant(msgspec.Struct, frozen=True):
    """What a session is given to: the client and its scope. `parent` is the browser's session that it came from."""

    client_id: str = PLATFORM_CLIENT
    scope: str = PLATFORM_SCOPE
    parent: Session | None = None
    is_offline: bool = False


async def start(
    db: AsyncSession,
    user: User,
    *,
    caller: Caller,
    amr: Sequence[str] = ("pwd",),
    authenticated_at: datetime | None = None,
    grant: Grant = Grant(),  # noqa: B008 (frozen)
) -> SignedIn:
    """A new session for `user`, who was authenticated by the methods `amr` (RFC 8176), now unless told."""
    session = await open_session(
        db, user, caller=caller, amr=amr, authenticated_at=authenticated_at, grant=grant
    )
    refresh_token = new_token()
    _keep(db, session, refresh_token, session.created_at)
    return SignedIn(user, session, refresh_token)


async def open_session(
    db: AsyncSession,
    user: User,
    *,
    caller: Caller,
    amr: Sequence[str],
    authenticated_at: datetime | None = None,
    grant: Grant,
    lasts: timedelta = ABSOLUTE,
) -> Session:
    """A session that nothing keeps going beyond its first access token."""
    at = now()
    session = Session(
        id=new_id(),
        user_id=user.id,
        parent_id=grant.parent.id if grant.parent else None,
        client_id=grant.client_id,
        scope=grant.scope,
        is_offline=grant.is_offline,
        amr=list(amr),
        authenticated_at=authenticated_at or at,
        ip=caller.ip,
        user_agent=caller.user_agent,
        created_at=at,
        last_active_at=at,
        expires_at=at + lasts,
    )
    db.add(session)
    await db.flush()  # before its refresh token, which refers to it
    return session


async def renew(
    db: AsyncSession, user: User, session: Session, *, amr: Sequence[str], caller: Caller
) -> SignedIn:
    """`session` after its owner was authenticated again (step-up): the refresh tokens of before end (SECURITY 10)."""
    at, refresh_token = now(), new_token()
    await queries.end_tokens(db, session.id, at=at)  # which waits for a refresh that is under way ...
    await queries.lock(db, session.id)
    await queries.end_tokens(db, session.id, at=at)  # ... and now its successor is there to be seen
    session.amr, session.authenticated_at, session.last_active_at = list(amr), at, at
    _keep(db, session, refresh_token, at)
    security_events.record(db, "session.stepped_up", user_id=user.id, session_id=session.id, caller=caller)
    return SignedIn(user, session, refresh_token)


def _keep(db: AsyncSession, session: Session, refresh_token: str, at: datetime) -> None:
    db.add(RefreshToken(**rotations.kept(session, refresh_token, at=at)))


async def refresh(
    database: Database,
    refresh_token: str,
    *,
    successors: Successors,
    caller: Caller,
    client_id: str = PLATFORM_CLIENT,
) -> SignedIn:
    """Rotate `refresh_token` of the client `client_id`. Raises RefreshTokenInvalid or TokenReused, after what follows
    from it is committed."""
    async with database.write() as db:
        outcome = await rotate(db, refresh_token, successors=successors, caller=caller, client_id=client_id)
    if isinstance(outcome, Unauthorized):
        raise outcome
    return outcome


async def rotate(
    db: AsyncSession, refresh_token: str, *, successors: Successors, caller: Caller, client_id: str
) -> SignedIn | Unauthorized:
    """The session with its next refresh token; or what to raise once this transaction has committed."""
    (outcome,) = await rotations.rotate(db, [Shown(refresh_token, client_id)], successors=successors)
    if outcome is None:
        return RefreshTokenInvalid()
    if isinstance(outcome, Reused):
        await _end_family(db, outcome.user, outcome.session, caller)
        return TokenReused()
    return outcome


async def _end_family(db: AsyncSession, user: User, session: Session, caller: Caller) -> None:
    await _end(db, session, reason="token_reused", at=now())
    security_events.record(db, "refresh_token.reused", user_id=user.id, session_id=session.id, caller=caller)
    mail = EmailJob(template="token-reuse", to=user.email, locale=user.locale, data={"name": user.name})
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"token-reuse.{session.id}",
    )


async def _end(db: AsyncSession, session: Session, *, reason: str, at: datetime) -> None:
    """End `session`, and with it those of the apps that its owner signed in to from it, offline access apart. The apps
    are told, those with offline access too."""
    children = await queries.children(db, session.id)
    for ended in (session, *(child for child in children if not child.is_offline)):
        ended.ended_at, ended.end_reason = at, reason
        revoke_session(db, ended.id)
    await notices.note(db, children if reason == REVOKED_BY_CLIENT else [session, *children])


async def live(db: AsyncSession, user_id: UUID) -> list[Session]:
    """The user's sessions that go on, newest first."""
    at = now()
    return await queries.live(db, user_id, at=at, active_since=at - IDLE)


async def user_agents(db: AsyncSession, user_id: UUID) -> list[str]:
    """What the browsers of the user's sessions call themselves, ended ones too, for as long as they are kept."""
    return await queries.user_agents(db, user_id)


async def end(
    db: AsyncSession,
    session_id: UUID,
    *,
    user_id: UUID,
    caller: Caller,
    token_id: str = "",
    reason: str = "signed_out",
) -> None:
    """End one session of the user, and with it the access token `token_id`. Raises SessionNotFound."""
    await users.lock(db, user_id)  # so that no session of an app is born of it meanwhile
    session = await queries.find_live(db, session_id, user_id=user_id)
    if session is None:
        raise SessionNotFound
    await _end(db, session, reason=reason, at=now())
    if token_id:
        revoke_token(db, token_id)
    security_events.record(db, "session.ended", user_id=user_id, session_id=session.id, caller=caller)


async def end_by_refresh_token(db: AsyncSession, refresh_token: str, *, caller: Caller) -> None:
    """End the session that `refresh_token` belongs to; nothing happens if there is none."""
    found = await queries.find_token(db, sha256(refresh_token))
    if found is not None and found[1].ended_at is None:
        await end(db, found[1].id, user_id=found[1].user_id, caller=caller)


async def end_all(
    db: AsyncSession, user_id: UUID, *, reason: str, caller: Caller, keep: UUID | None = None
) -> None:
    """End every session of the user but `keep`, everywhere within a second (SECURITY 13). With nothing to keep, their API
    keys end too: whoever got into the account may have made some to stay."""
    await users.lock(db, user_id)  # so that nothing is born meanwhile that would not end
    if keep is None:
        await api_keys.revoke_all(db, user_id, reason=reason, caller=caller)
    security_events.record(db, "session.all_ended", user_id=user_id, caller=caller, reason=reason)
    for session in await live(db, user_id):
        if session.id == keep or session.ended_at is not None or (keep and session.parent_id == keep):
            continue
        await _end(db, session, reason=reason, at=now())


async def end_of_client(
    db: AsyncSession,
    client_id: str,
    *,
    reason: str,
    caller: Caller,
    user_id: UUID | None = None,
    beyond: Collection[str] | None = None,
) -> None:
    """End the sessions of a client: all, or those of one user; with `beyond`, those that were given more than these
    scopes."""
    for session in await queries.of_client(db, client_id, user_id=user_id):
        if beyond is None or set(session.scope.split()) - set(beyond):
            await _end_noted(db, session, reason=reason, caller=caller)


async def end_of_impersonator(db: AsyncSession, staff_id: UUID, *, reason: str, caller: Caller) -> None:
    """End the sessions in which a member of staff acts for others (SECURITY 28)."""
    for session in await queries.of_impersonator(db, staff_id):
        await _end_noted(db, session, reason=reason, caller=caller)


async def _end_noted(db: AsyncSession, session: Session, *, reason: str, caller: Caller) -> None:
    await _end(db, session, reason=reason, at=now())
    security_events.record(
        db, "session.ended", user_id=session.user_id, session_id=session.id, caller=caller, reason=reason
    )
