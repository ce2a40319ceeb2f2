"""What grants come to: what to put into tokens, to be signed when the transaction has committed."""

import msgspec
from msgspec import UNSET, UnsetType

from common.settings import Secret
from sso.scopes import OPENID
from sso.sessions.models import Session
from sso.tokens.access import AccessTokens
from sso.tokens.identity import IdTokens
from sso.users.models import User


class SessionGrant(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a session. `scope` may be less than the session's; no refresh token where the client may have none."""

    user: User
    session: Session
    scope: str
    refresh_token: Secret | None
    nonce: str | None = None


class ClientGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a client of its own."""

    client_id: str
    scope: str
    audience: list[str]


class TokenResponse(msgspec.Struct, kw_only=True, frozen=True):
    """RFC 6749 section 5.1; OpenID Connect Core section 3.1.3.3."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (the name of a scheme, RFC 6750)
    expires_in: int
    scope: str
    refresh_token: str | UnsetType = UNSET
    id_token: str | UnsetType = UNSET


class TokenResponses:
    def __init__(self, access_tokens: AccessTokens, id_tokens: IdTokens) -> None:
        self._access_tokens, self._id_tokens = access_tokens, id_tokens

    async def of(self, granted: SessionGrant | ClientGrant) -> TokenResponse:
        if isinstance(granted, ClientGrant):
            return await self._of_client(granted)
        access_token = await self._access_tokens.for_session(
            granted.user, granted.session, scope=granted.scope
        )
        return TokenResponse(
            access_token=access_token,
            expires_in=self._access_tokens.ttl,
            scope=granted.scope,
            refresh_token=granted.refresh_token.reveal() if granted.refresh_token else UNSET,
            id_token=await self._id_token(granted, access_token),
        )

    async def _of_client(self, granted: ClientGrant) -> TokenResponse:
        access_token = await self._access_tokens.for_client(
            granted.client_id, scope=granted.scope, audience=granted.audience
        )
        return TokenResponse(
            access_token=access_token, expires_in=self._access_tokens.ttl, scope=granted.scope
        )

    async def _id_token(self, granted: SessionGrant, access_token: str) -> str | UnsetType:
        if OPENID not in granted.scope.split():
            return UNSET
        return await self._id_tokens.for_session(
            granted.user, granted.session, access_token=access_token, nonce=granted.nonce
        )
