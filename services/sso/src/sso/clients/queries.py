"""Every statement on OAuth clients."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.clients.models import SERVICE, OAuthClient


async def find(db: AsyncSession, client_id: str) -> OAuthClient | None:
    return await db.scalar(select(OAuthClient).where(OAuthClient.id == client_id))


async def forget_services_except(db: AsyncSession, kept: Collection[str]) -> None:
    await db.execute(delete(OAuthClient).where(OAuthClient.kind == SERVICE, OAuthClient.id.not_in(kept)))
