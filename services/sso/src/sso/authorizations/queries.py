"""Every statement on authorization codes."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sso.authorizations.models import AuthorizationCode
from sso.one_time import sha256


async def owner(db: AsyncSession, code: str, *, client_id: str) -> UUID | None:
    """Who granted a code that this client was given."""
    return await db.scalar(
        select(AuthorizationCode.user_id).where(
            AuthorizationCode.sha256 == sha256(code), AuthorizationCode.client_id == client_id
        )
    )


async def lock(db: AsyncSession, code: str, *, client_id: str) -> AuthorizationCode | None:
    """The row of a code that this client was given, used and expired ones too; held until the transaction ends, so that
    of any number that show it at once each sees what came of those before."""
    return await db.scalar(
        select(AuthorizationCode)
        .where(AuthorizationCode.sha256 == sha256(code), AuthorizationCode.client_id == client_id)
        .with_for_update()
    )
