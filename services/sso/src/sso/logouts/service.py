"""Signing out because an app asks for it (OpenID Connect RP-Initiated Logout 1.0).

At once, where the app shows that it is a part of what ends: by an ID token of a session that came from this browser's.
Else the person is asked, because any page could have sent them here.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from sso import outcomes
from sso.callers import Caller
from sso.clients import queries as clients
from sso.clients.models import SERVICE, OAuthClient
from sso.logouts.hints import Hint
from sso.sessions import queries as session_queries
from sso.sessions import service as sessions
from sso.sessions.browsers import Browser
from sso.sessions.models import Session
from sso.sessions.service import SessionNotFound

FLOW = "logout"
_LONGEST = 2048


class LogoutRefused(Problem):
    """Nobody is signed out, and the browser is sent nowhere."""

    status, code, title = 400, "LOGOUT_REFUSED", "This way to sign out is not valid"


class LogoutRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an app sends (section 2); unknown parameters are ignored."""

    id_token_hint: str = ""
    client_id: str = ""
    post_logout_redirect_uri: str = ""
    state: str = ""
    ui_locales: str = ""


class Destination(msgspec.Struct, frozen=True):
    """The app that asks, if it is known, and where the browser goes on to, if anywhere."""

    client: OAuthClient | None
    uri: str | None

    @property
    def name(self) -> str:
        return self.client.name if self.client else ""


async def destination(db: AsyncSession, request: LogoutRequest, hint: Hint | None) -> Destination:
    """Where `request` may lead to. Raises LogoutRefused: an address is compared as it is (SECURITY 21)."""
    if hint is not None and request.client_id not in {"", hint.client_id}:
        raise LogoutRefused
    client = await _client(db, hint.client_id if hint is not None else request.client_id)
    if not request.post_logout_redirect_uri:
        return Destination(client, None)
    if client is None or request.post_logout_redirect_uri not in client.post_logout_redirect_uris:
        raise LogoutRefused
    return Destination(client, _with_state(request.post_logout_redirect_uri, request.state))


async def _client(db: AsyncSession, client_id: str) -> OAuthClient | None:
    """Raises LogoutRefused for a client that is named and is none."""
    if not client_id:
        return None
    client = await clients.find(db, client_id) if client_id.isprintable() else None
    if client is None or client.kind == SERVICE:
        raise LogoutRefused
    return client


def _with_state(uri: str, state: str) -> str:
    if len(state) > _LONGEST:
        raise LogoutRefused
    return address(uri, {"state": state}) if state else uri


def address(uri: str, parameters: Mapping[str, str]) -> str:
    """`uri` with `parameters` in its query, which it may have already."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"


async def may_end_at_once(db: AsyncSession, browser: Browser | None, hint: Hint | None) -> bool:
    """Whether nobody has to be asked: nobody is signed in here, or the hint is of a session that came from here."""
    if browser is None:
        return True
    session = await _of(db, hint)
    return (
        session is not None and session.user_id == browser.user.id and session.parent_id == browser.session.id
    )


async def end(db: AsyncSession, browser: Browser | None, hint: Hint | None, *, caller: Caller) -> None:
    """End the browser's session with all that came from it; where nobody is signed in, that of the hint alone."""
    if browser is not None:
        await _end(db, browser.session, caller=caller)
    elif (session := await _of(db, hint)) is not None:
        await _end(db, session, caller=caller)
    outcomes.count(FLOW, "ended")


async def _of(db: AsyncSession, hint: Hint | None) -> Session | None:
    """The app's session that `hint` is of, one that has ended too."""
    if hint is None:
        return None
    session = await session_queries.find(db, hint.session_id)
    is_its = session is not None and (session.client_id, session.user_id) == (hint.client_id, hint.user_id)
    return session if is_its else None


async def _end(db: AsyncSession, session: Session, *, caller: Caller) -> None:
    try:
        await sessions.end(db, session.id, user_id=session.user_id, caller=caller)
    except SessionNotFound:
        return  # it has ended already, which is what is wanted
