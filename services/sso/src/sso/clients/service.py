"""Service clients, and the client-credentials grant by which they get tokens for each other."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from common.auth import INTERNAL_SCOPE
from common.problems import Problem
from sso.clients import queries
from sso.clients.models import SERVICE, OAuthClient
from sso.clients.schemas import TokenRequest
from sso.settings import SERVICES


class OAuthError(Problem):
    """An error of the token endpoint; `error` is its name in RFC 6749 section 5.2."""

    error: ClassVar[str] = "invalid_request"


class InvalidRequest(OAuthError):
    status, code, title, error = 400, "INVALID_REQUEST", "The token request is not valid", "invalid_request"


class InvalidClient(OAuthError):
    status, code, title, error = (
        401,
        "INVALID_CLIENT",
        "The client could not be authenticated",
        "invalid_client",
    )

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="resumax"'})


class InvalidScope(OAuthError):
    status, code, title, error = 400, "INVALID_SCOPE", "This scope is not given", "invalid_scope"


class InvalidTarget(OAuthError):
    """RFC 8707 section 2."""

    status, code, title, error = 400, "INVALID_TARGET", "There is no such audience", "invalid_target"


class UnsupportedGrantType(OAuthError):
    status, code, title = 400, "UNSUPPORTED_GRANT_TYPE", "This grant is not offered"
    error = "unsupported_grant_type"


async def register_services(db: AsyncSession, secrets: Mapping[str, str]) -> None:
    """Make the service clients what the settings say; one that they no longer name is gone."""
    await queries.forget_services_except(db, secrets.keys())
    for client_id, secret in secrets.items():
        client = OAuthClient(id=client_id, kind=SERVICE, secret_sha256=_sha256(secret))
        await db.merge(client)


async def authenticate(db: AsyncSession, client_id: str, *candidates: str) -> OAuthClient:
    """The client, if one of `candidates` is its secret. Raises InvalidClient."""
    client = await queries.find(db, client_id)
    known = (client.secret_sha256 if client is not None else None) or b""
    # All are compared, in constant time each.
    matches = [hmac.compare_digest(_sha256(candidate), known) for candidate in candidates]
    if client is None or not any(matches):
        raise InvalidClient
    return client


def check_grant(request: TokenRequest) -> None:
    """Raises UnsupportedGrantType, InvalidScope or InvalidTarget."""
    if request.grant_type != "client_credentials":
        raise UnsupportedGrantType
    if request.scope != INTERNAL_SCOPE:
        raise InvalidScope(f"The scope of a service is '{INTERNAL_SCOPE}'.")
    if request.audience not in SERVICES:
        raise InvalidTarget


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
