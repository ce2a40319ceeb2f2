"""Signing somebody in to an app: the session that an OAuth client is given, and the trail of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sso.callers import Caller
from sso.scopes import OFFLINE_ACCESS
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.sessions.models import Session
from sso.sessions.service import Grant, SignedIn
from sso.users.models import User


async def start(
    db: AsyncSession,
    user: User,
    *,
    client_id: str,
    scope: str,
    amr: Sequence[str],
    authenticated_at: datetime,
    parent: Session | None,
    caller: Caller,
) -> SignedIn:
    """A session of `client_id`. It ends with `parent`, the browser's in which it was granted, unless its scope lets it
    go on (`offline_access`)."""
    # The browser is what its owner knows; what calls here may be a server of the client.
    device = Caller(ip=parent.ip, user_agent=parent.user_agent) if parent else caller
    grant = Grant(client_id=client_id, scope=scope, parent=parent, is_offline=OFFLINE_ACCESS in scope.split())
    signed_in = await sessions.start(
        db, user, caller=device, amr=amr, authenticated_at=authenticated_at, grant=grant
    )
    security_events.record(
        db,
        "app.signed_in",
        user_id=user.id,
        session_id=signed_in.session.id,
        caller=caller,
        client=client_id,
    )
    return signed_in
