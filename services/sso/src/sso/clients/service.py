"""The platform's own services, which are clients too: they get tokens for each other by a secret from the settings."""

import hashlib
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from sso.clients import queries
from sso.clients.models import SERVICE, OAuthClient


async def register_services(db: AsyncSession, secrets: Mapping[str, str]) -> None:
    """Make the service clients what the settings say; one that they no longer name is gone."""
    await queries.forget_services_except(db, secrets.keys())
    for client_id, secret in secrets.items():
        sha256 = hashlib.sha256(secret.encode()).digest()
        await db.merge(OAuthClient(id=client_id, kind=SERVICE, secret_sha256=sha256))
