"""Every statement on consents, and on what was given on the strength of one."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.authorizations.models import AuthorizationCode
from sso.clients.models import OAuthClient
from sso.consents.models import Consent
from sso.devices.models import DeviceCode


async def find(db: AsyncSession, user_id: UUID, client_id: str) -> Consent | None:
    return await db.scalar(select(Consent).where(Consent.user_id == user_id, Consent.client_id == client_id))


async def listed(db: AsyncSession, user_id: UUID) -> list[tuple[Consent, OAuthClient]]:
    """The user's consents with the apps that they were given to, the newest first."""
    found = await db.execute(
        select(Consent, OAuthClient)
        .join(OAuthClient, OAuthClient.id == Consent.client_id)
        .where(Consent.user_id == user_id)
        .order_by(Consent.id.desc())
    )
    return [(row[0], row[1]) for row in found]


async def forget(db: AsyncSession, user_id: UUID, client_id: str) -> bool:
    """Delete a consent, and the codes that its app may still hold; False if there was none."""
    forgotten = await db.execute(
        delete(Consent)
        .where(Consent.user_id == user_id, Consent.client_id == client_id)
        .returning(Consent.id)
        .execution_options(synchronize_session=False)
    )
    for code in (AuthorizationCode, DeviceCode):
        await db.execute(delete(code).where(code.user_id == user_id, code.client_id == client_id))
    return forgotten.first() is not None
