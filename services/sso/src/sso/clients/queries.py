"""Every statement on OAuth clients."""

from collections.abc import Collection

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.authorizations.models import AuthorizationCode
from sso.clients.models import SERVICE, OAuthClient
from sso.devices.models import DeviceCode


async def find(db: AsyncSession, client_id: str) -> OAuthClient | None:
    return await db.scalar(select(OAuthClient).where(OAuthClient.id == client_id))


async def find_registered(db: AsyncSession, client_id: str) -> OAuthClient | None:
    """The client as the registry has it, held until the transaction ends."""
    return await db.scalar(_registered().where(OAuthClient.id == client_id).with_for_update())


async def registered(db: AsyncSession, *, before: str | None, limit: int) -> list[OAuthClient]:
    """The clients of the registry: those of the settings, then the newest first; from the one after `before` on."""
    wanted = _registered() if before is None else _registered().where(OAuthClient.id < before)
    return list(await db.scalars(wanted.order_by(OAuthClient.id.desc()).limit(limit)))


async def from_settings(db: AsyncSession) -> list[OAuthClient]:
    """The platform's own front ends and apps."""
    return list(await db.scalars(_registered().where(OAuthClient.created_by.is_(None))))


def _registered() -> Select[OAuthClient]:
    return select(OAuthClient).where(OAuthClient.kind != SERVICE)


async def forget_grants(db: AsyncSession, client_id: str, *, beyond: Collection[str]) -> None:
    """Delete the codes that wait to be exchanged and were given for more than these scopes."""
    codes, devices = AuthorizationCode, DeviceCode
    waiting: list[AuthorizationCode | DeviceCode] = [
        *await db.scalars(select(codes).where(codes.client_id == client_id, codes.used_at.is_(None))),
        *await db.scalars(select(devices).where(devices.client_id == client_id, devices.used_at.is_(None))),
    ]
    for code in waiting:
        if set(code.scope.split()) - set(beyond):
            await db.delete(code)


async def forget_services_except(db: AsyncSession, kept: Collection[str]) -> None:
    await db.execute(delete(OAuthClient).where(OAuthClient.kind == SERVICE, OAuthClient.id.not_in(kept)))
