"""Every statement on logouts that clients have still to be told of."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.clients.models import OAuthClient
from sso.logouts.models import BackchannelLogout


async def uris(db: AsyncSession, client_ids: Collection[str]) -> dict[str, str]:
    """Where those of the clients that want to hear of logouts listen, by client."""
    wanted = OAuthClient.backchannel_logout_uri
    found = await db.execute(
        select(OAuthClient.id, wanted).where(OAuthClient.id.in_(client_ids), wanted.is_not(None))
    )
    return {row.id: row.backchannel_logout_uri for row in found}


async def noted(db: AsyncSession, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of the sessions of whose end a client has still to be told."""
    sessions = BackchannelLogout.session_id
    return set(await db.scalars(select(sessions).where(sessions.in_(session_ids))))


async def due(
    db: AsyncSession, *, at: datetime, busy: Collection[str], under_way: Collection[UUID], limit: int
) -> list[BackchannelLogout]:
    """What may be sent now, the longest due first; nothing for the clients `busy`, and not what is `under_way`."""
    found = await db.scalars(
        select(BackchannelLogout)
        .where(
            BackchannelLogout.next_attempt_at <= at,
            BackchannelLogout.client_id.not_in(busy),
            BackchannelLogout.id.not_in(under_way),
        )
        .order_by(BackchannelLogout.next_attempt_at)
        .limit(limit)
    )
    return list(found)


async def forget(db: AsyncSession, logout_id: UUID) -> None:
    await db.execute(delete(BackchannelLogout).where(BackchannelLogout.id == logout_id))


async def postpone(db: AsyncSession, logout_id: UUID, *, until: datetime) -> None:
    await db.execute(
        update(BackchannelLogout)
        .where(BackchannelLogout.id == logout_id)
        .values(attempts=BackchannelLogout.attempts + 1, next_attempt_at=until)
        .execution_options(synchronize_session=False)
    )
