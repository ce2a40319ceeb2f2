"""Noting, in the transaction that ends a session, which clients have to be told (Back-Channel Logout 1.0 section 2)."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from sso.logouts import queries
from sso.logouts.models import BackchannelLogout
from sso.sessions.models import PLATFORM_CLIENT, Session


async def note(db: AsyncSession, sessions: Sequence[Session]) -> None:
    """Have the clients of those of `sessions` that are apps' told, where they listen. `sso.logouts.deliveries` does."""
    of_apps = [session for session in sessions if session.client_id != PLATFORM_CLIENT]
    if not of_apps:
        return
    uris = await queries.uris(db, {session.client_id for session in of_apps})
    noted = await queries.noted(db, {session.id for session in of_apps}) if uris else set()
    for session in of_apps:
        if session.client_id in uris and session.id not in noted:
            db.add(
                BackchannelLogout(
                    client_id=session.client_id,
                    uri=uris[session.client_id],
                    user_id=session.user_id,
                    session_id=session.id,
                )
            )
