"""Every statement on devices that ask to be signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.clients.models import OAuthClient
from sso.devices.models import PENDING, DeviceCode


async def is_taken(db: AsyncSession, user_code_hash: bytes) -> bool:
    return bool(await db.scalar(select(exists().where(DeviceCode.user_code_hash == user_code_hash))))


async def pending(
    db: AsyncSession, user_code_hash: bytes, *, at: datetime
) -> tuple[DeviceCode, OAuthClient] | None:
    """The request that waits under a user code, and the app that made it."""
    found = await db.execute(
        select(DeviceCode, OAuthClient)
        .join(OAuthClient, OAuthClient.id == DeviceCode.client_id)
        .where(
            DeviceCode.user_code_hash == user_code_hash,
            DeviceCode.state == PENDING,
            DeviceCode.expires_at > at,
        )
    )
    row = found.first()
    return (row[0], row[1]) if row else None


async def decide(
    db: AsyncSession, request_id: UUID, *, state: str, user_id: UUID, session_id: UUID, at: datetime
) -> DeviceCode | None:
    """Answer a request that still waits: the row, for the first who does."""
    decided: DeviceCode | None = await db.scalar(
        update(DeviceCode)
        .where(DeviceCode.id == request_id, DeviceCode.state == PENDING, DeviceCode.expires_at > at)
        .values(state=state, user_id=user_id, session_id=session_id, decided_at=at)
        .returning(DeviceCode)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return decided


async def owner(db: AsyncSession, sha256: bytes, *, client_id: str) -> UUID | None:
    """Who answered the request of a device code that this client was given, if anybody has."""
    return await db.scalar(
        select(DeviceCode.user_id).where(DeviceCode.sha256 == sha256, DeviceCode.client_id == client_id)
    )


async def lock(db: AsyncSession, sha256: bytes, *, client_id: str) -> DeviceCode | None:
    """The request of a device code that this client was given, held until the transaction ends."""
    return await db.scalar(
        select(DeviceCode)
        .where(DeviceCode.sha256 == sha256, DeviceCode.client_id == client_id)
        .with_for_update()
    )
