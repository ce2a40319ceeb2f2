"""Authorization codes: 256 bits, good once and for a minute, for one client (SECURITY 18)."""

from datetime import timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_token, now
from sso import one_time
from sso.authorizations import queries
from sso.authorizations.models import AuthorizationCode
from sso.callers import Caller
from sso.oauth2 import app_sessions
from sso.security_events import service as security_events
from sso.sessions import queries as session_queries
from sso.sessions import service as sessions
from sso.sessions.browsers import Browser
from sso.sessions.service import SignedIn
from sso.users import queries as users

GOOD_FOR = timedelta(seconds=60)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asked for, and somebody granted."""

    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str


def issue(db: AsyncSession, browser: Browser, request: Request) -> str:
    """The code that `request` is answered with, for whom `browser` is signed in with."""
    code, at = new_token(), now()
    row = AuthorizationCode(
        sha256=one_time.sha256(code),
        created_at=at,
        expires_at=at + GOOD_FOR,
        user_id=browser.user.id,
        session_id=browser.session.id,
        **msgspec.structs.asdict(request),
    )
    db.add(row)
    return code


async def use(db: AsyncSession, code: str, *, client_id: str, caller: Caller) -> AuthorizationCode | None:
    """Use `code` up, whatever comes of it: its row, for the first who shows it.

    To show one again is a sign that somebody got hold of it, so what it gave ends (RFC 6749 section 4.1.2).
    """
    owner = await queries.owner(db, code, client_id=client_id)
    if owner is None:
        return None
    await users.lock(db, owner)  # before the code, as whoever ends all that an account has given does
    known, at = await queries.lock(db, code, client_id=client_id), now()
    if known is None:
        return None
    if known.used_at is not None:
        await _end_what_it_gave(db, known, caller)
        return None
    known.used_at = at
    return known if at < known.expires_at else None


async def _end_what_it_gave(db: AsyncSession, code: AuthorizationCode, caller: Caller) -> None:
    if code.granted_session_id is None:
        return
    session = await session_queries.find_live(db, code.granted_session_id, user_id=code.user_id)
    if session is not None:
        security_events.record(
            db,
            "authorization_code.reused",
            user_id=code.user_id,
            session_id=session.id,
            caller=caller,
            client=code.client_id,
        )
        await sessions.end(db, session.id, user_id=code.user_id, caller=caller, reason="code_reused")


async def exchange(
    db: AsyncSession, code: AuthorizationCode, *, scope: str, caller: Caller
) -> SignedIn | None:
    """The client's own session, for a code that was used up and checked; None if the session in which it was granted
    has ended since. `scope` is what the client may still have of the code's."""
    user = await users.lock(
        db, code.user_id
    )  # or the session could end unseen between the look and the exchange
    parent = await session_queries.find_live(db, code.session_id, user_id=code.user_id)
    if parent is None or user is None or not user.is_active or parent.expires_at <= now():
        return None
    signed_in = await app_sessions.start(
        db,
        user,
        client_id=code.client_id,
        scope=scope,
        amr=parent.amr,
        authenticated_at=parent.authenticated_at,
        parent=parent,
        caller=caller,
    )
    code.granted_session_id = signed_in.session.id
    return signed_in
