"""Making ID tokens (OpenID Connect Core section 2): they tell a client who signed in, and open nothing (`typ: JWT`)."""

import time
from typing import Any

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt

from sso.keys.keyring import Keyring
from sso.sessions.models import Session
from sso.users.models import User

ALGORITHM = "RS256"


class IdTokens:
    """`ttl` in seconds. What the scopes `profile` and `email` stand for is told by userinfo (Core section 5.4)."""

    def __init__(self, keyring: Keyring, *, issuer: str, ttl: int) -> None:
        self._keyring, self._issuer, self._ttl = keyring, issuer, ttl

    async def for_session(self, user: User, session: Session, *, access_token: str, nonce: str | None) -> str:
        """For the client of `session`, which gets `access_token` along with it."""
        key = await self._keyring.active()
        issued_at = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": str(user.id),
            "aud": session.client_id,
            "azp": session.client_id,
            "exp": issued_at + self._ttl,
            "iat": issued_at,
            "auth_time": int(session.authenticated_at.timestamp()),
            "acr": session.acr,
            "amr": session.amr,
            "sid": str(session.id),
            "at_hash": create_half_hash(access_token, ALGORITHM).decode(),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key)
