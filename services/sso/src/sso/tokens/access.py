"""Making access tokens: RS256, `typ: at+jwt` (RFC 9068, ARCHITECTURE 4)."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from joserfc import jwt

from common.auth import INTERNAL_SCOPE
from common.ids import new_id
from common.tokens import PLATFORM_SCOPE
from sso.keys.keyring import Keyring
from sso.sessions.models import Session
from sso.users.models import User

OF_RESOURCE = {"resumes": "api", "account": "account", "render": "processor"}
"""The service that each resource belongs to: `resumes:read` is a scope of the api."""


class AccessTokens:
    """Signs inline: it takes about 0.5 ms, less than handing it to a thread and back under load. `ttl` in seconds."""

    def __init__(self, keyring: Keyring, *, issuer: str, ttl: int) -> None:
        self._keyring, self._issuer, self.ttl = keyring, issuer, ttl

    async def for_session(
        self, user: User, session: Session, *, scope: str | None = None, ttl: int | None = None
    ) -> str:
        """For a session of `user`, with what its scope lets it do (or `scope`, a part of it), for `ttl` seconds if not
        as long as always. Ends with the session at the latest."""
        scope = session.scope if scope is None else scope
        has_platform = PLATFORM_SCOPE in scope.split()
        claims: dict[str, Any] = {
            "sub": str(user.id),
            "aud": audiences(scope, is_staff=bool(user.roles)),
            "sid": str(session.id),
            "client_id": session.client_id,
            "scope": scope,
            "roles": user.roles if has_platform else [],
            "acr": session.acr,
            "amr": session.amr,
            "auth_time": int(session.authenticated_at.timestamp()),
        }
        if session.impersonator_id is not None:
            claims["act"] = {"sub": str(session.impersonator_id)}
        return await self.signed(claims, until=session.expires_at, ttl=ttl)

    async def for_service(self, client_id: str, audience: str) -> str:
        """For a service to show to the service `audience`: the subject is the client itself."""
        return await self.for_client(client_id, scope=INTERNAL_SCOPE, audience=[audience])

    async def for_client(self, client_id: str, *, scope: str, audience: Sequence[str]) -> str:
        """For a client that speaks for nobody but itself."""
        return await self.signed(
            {
                "sub": client_id,
                "aud": list(audience),
                "client_id": client_id,
                "scope": scope,
                "roles": [],
            }
        )

    async def signed(
        self, claims: dict[str, Any], *, until: datetime | None = None, ttl: int | None = None
    ) -> str:
        """An access token of `claims`; it expires after `ttl`, or at `until` if that is sooner."""
        key = await self._keyring.active()
        issued_at = int(time.time())
        expires_at = issued_at + (ttl or self.ttl)
        always = {
            "iss": self._issuer,
            "iat": issued_at,
            "exp": min(expires_at, int(until.timestamp())) if until else expires_at,
            "jti": str(new_id()),
        }
        return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid}, always | claims, key)


def audiences(scope: str, *, is_staff: bool) -> list[str]:
    """The services that a token of `scope` may be shown to: the SSO always, the admin service for staff alone."""
    scopes = scope.split()
    if PLATFORM_SCOPE in scopes:
        return ["sso", *OF_RESOURCE.values(), *(["admin"] if is_staff else [])]
    resources = {name.partition(":")[0] for name in scopes}
    return ["sso", *(service for resource, service in OF_RESOURCE.items() if resource in resources)]
