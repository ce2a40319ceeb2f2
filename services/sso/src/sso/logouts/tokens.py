"""Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): they tell a client that a session is over."""

import time
from typing import Any

from joserfc import jwt

from common.ids import new_id
from sso.keys.keyring import Keyring
from sso.logouts.models import BackchannelLogout

EVENT = "http://schemas.openid.net/event/backchannel-logout"
GOOD_FOR = 120
"""Seconds, as section 2.4 recommends."""


class LogoutTokens:
    def __init__(self, keyring: Keyring, *, issuer: str) -> None:
        self._keyring, self._issuer = keyring, issuer

    async def of(self, logout: BackchannelLogout) -> str:
        """A fresh token: a row may wait for longer than one is good."""
        key = await self._keyring.active()
        issued_at = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": logout.client_id,
            "iat": issued_at,
            "exp": issued_at + GOOD_FOR,
            "jti": str(new_id()),
            "sub": str(logout.user_id),
            "sid": str(logout.session_id),
            "events": {EVENT: {}},
        }
        return jwt.encode({"alg": "RS256", "typ": "logout+jwt", "kid": key.kid}, claims, key)
