"""Tokens that a client shows to the introspection and the revocation endpoint, as Authlib's endpoints ask about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from sso.oauth2.clients import Client
from sso.sessions import queries as sessions
from sso.sessions.models import RefreshToken, Session
from sso.sessions.successors import sha256
from sso.tokens.reading import Claims


class ShownAccessToken(msgspec.Struct, frozen=True):
    """One that is good, unless its session (`session`, for tokens that have one) has ended."""

    claims: Claims
    session: Session | None

    def check_client(self, client: Client) -> bool:
        return self.claims.client_id == client.id

    def is_for(self, client: Client) -> bool:
        """Whether `client` is one of our services, which the token may be shown to."""
        return client.is_service and client.id in self.claims.aud

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.session is not None and self.session.ended_at is not None

    def describe(self) -> dict[str, Any]:
        """RFC 7662 section 2.2."""
        claims = self.claims
        described: dict[str, Any] = {
            "active": True,
            "token_type": "Bearer",
            **{name: getattr(claims, name) for name in ("iss", "sub", "aud", "exp", "iat", "jti")},
            "client_id": claims.client_id,
            "scope": claims.scope,
        }
        if claims.acr:
            described |= {"acr": claims.acr, "auth_time": claims.auth_time}
        return described


class ShownRefreshToken(msgspec.Struct, frozen=True):
    token: RefreshToken
    session: Session

    def check_client(self, client: Client) -> bool:
        return self.session.client_id == client.id

    def is_for(self, _client: Client) -> bool:
        """Nobody but its client has anything to do with it."""
        return False

    def is_expired(self) -> bool:
        return min(self.token.expires_at, self.session.expires_at) <= now()

    def is_revoked(self) -> bool:
        return self.session.ended_at is not None or self.token.used_at is not None

    def describe(self) -> dict[str, Any]:
        return {
            "active": True,
            "sub": str(self.session.user_id),
            "client_id": self.session.client_id,
            "scope": self.session.scope,
            "iat": _seconds(self.token.created_at),
            "exp": _seconds(min(self.token.expires_at, self.session.expires_at)),
        }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


Shown = ShownAccessToken | ShownRefreshToken


async def find(db: AsyncSession, token: str, claims: Claims | None) -> Shown | None:
    """What `token` is, whose claims are `claims` if it is a good access token; None if it is no token that works."""
    if claims is not None:
        return ShownAccessToken(claims, await _session(db, claims.sid))
    found = await sessions.find_token(db, sha256(token))
    return ShownRefreshToken(*found) if found is not None else None


async def _session(db: AsyncSession, session_id: UUID | None) -> Session | None:
    return await sessions.find(db, session_id) if session_id is not None else None
