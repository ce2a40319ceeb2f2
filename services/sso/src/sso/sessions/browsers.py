"""Whose browser it is that asks for one of our pages, by its refresh cookie, which is read and not used up."""

from typing import Any

import msgspec
from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from sso.sessions import queries
from sso.sessions.answers import SignInAnswers
from sso.sessions.models import PLATFORM_CLIENT, Session
from sso.sessions.rotations import REPLAY_WINDOW
from sso.sessions.successors import sha256
from sso.users import queries as users
from sso.users.models import User


class Browser(msgspec.Struct, frozen=True):
    """A browser that somebody is signed in with."""

    user: User
    session: Session


async def find(db: AsyncSession, request: Request[Any, Any, Any], answers: SignInAnswers) -> Browser | None:
    """Whose browser sent `request`; None where nobody is signed in."""
    refresh_token = answers.cookie.value(request)
    found = await queries.find_token(db, sha256(refresh_token)) if refresh_token else None
    if found is None:
        return None
    token, session = found
    at = now()
    # Another tab may have rotated the token while this request was on its way.
    is_current = token.used_at is None or at - token.used_at <= REPLAY_WINDOW
    is_over = session.ended_at is not None or min(token.expires_at, session.expires_at) <= at
    if not is_current or is_over or session.client_id != PLATFORM_CLIENT:
        return None
    user = await users.find(db, session.user_id)
    return Browser(user, session) if user is not None and user.is_active else None
