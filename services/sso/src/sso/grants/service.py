"""What is given for what at the token endpoint: GRANTS is the registry, and `exchange` runs them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from authlib.oauth2.rfc6749 import BaseGrant, OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from sso import outcomes
from sso.api_keys import service as api_keys
from sso.callers import Caller
from sso.grants.client_credentials import OwnGrant
from sso.grants.codes import S256, CodeGrant
from sso.grants.devices import DeviceGrant
from sso.grants.refreshing import RefreshGrant
from sso.grants.schemas import TokenRequest
from sso.oauth2.errors import Refusal
from sso.oauth2.issuing import ClientGrant, SessionGrant, TokenResponse
from sso.oauth2.requests import from_form
from sso.oauth2.server import Parts, Server
from sso.tokens.access import AccessTokens

log = structlog.get_logger()

GRANTS: tuple[tuple[type[BaseGrant], list[Any]], ...] = (
    (CodeGrant, [S256()]),
    (RefreshGrant, []),
    (OwnGrant, []),
    (DeviceGrant, []),
)
"""Authlib's grants with their extensions. Another one is another entry here."""
GRANT_TYPES = [*(str(grant.GRANT_TYPE) for grant, _ in GRANTS), api_keys.GRANT_TYPE]


async def exchange(
    database: Database, parts: Parts, data: TokenRequest, *, authorization: str, caller: Caller
) -> SessionGrant | ClientGrant | Refusal:
    """What the client gets for what it shows. A refusal is returned: what led to it is committed all the same."""
    async with _transaction(database, data)() as db:
        server = Server(parts, db, caller, grants=GRANTS)
        request = from_form(data, authorization=authorization)
        answer = await server.run(lambda server: server.create_token_response(request))
    grant = data.grant_type if data.grant_type in GRANT_TYPES else "unknown"
    if isinstance(answer.body, OAuth2Error):
        outcomes.count(f"token:{grant}", answer.body.error)
        log.info("token_refused", grant=grant, error=answer.body.error)
        return Refusal(answer.body.error, answer.body.description, answer.status)
    outcomes.count(f"token:{grant}", "issued")
    log.info("token_issued", grant=grant, client_id=request.client.id)
    given: SessionGrant | ClientGrant = answer.body
    return given


async def exchange_api_key(
    database: Database, access_tokens: AccessTokens, data: TokenRequest
) -> TokenResponse | Refusal:
    """A token for an API key, which needs no client: whoever holds the key may have it."""
    try:
        given = await api_keys.exchange(database, access_tokens, data.api_key, audience=data.audience)
    except api_keys.ApiKeyInvalid as error:
        return Refusal("invalid_grant", error.detail, error.status)
    except api_keys.ApiKeyAudienceInvalid as error:
        return Refusal("invalid_target", error.detail, error.status)
    return TokenResponse(access_token=given.access_token, expires_in=given.expires_in, scope=given.scope)


def _transaction(
    database: Database, data: TokenRequest
) -> Callable[[], AbstractAsyncContextManager[AsyncSession]]:
    """Services ask for tokens all the time and change nothing by it, so they do not wait for the writer."""
    is_read_only = data.grant_type == OwnGrant.GRANT_TYPE and not data.client_assertion
    return database.read if is_read_only else database.write
