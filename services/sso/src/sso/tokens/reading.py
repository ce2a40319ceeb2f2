"""Reading access tokens of our own that somebody shows: whatever audience they are for (RFC 9068, RFC 8725)."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sso.keys.keyring import Keyring

_LONGEST = 8192


class Claims(msgspec.Struct, frozen=True):
    """What is in an access token; `sid` is the session's id, or that of the API key that it was exchanged for."""

    iss: str
    sub: str
    aud: list[str]
    exp: int
    iat: int
    jti: str
    client_id: str
    scope: str = ""
    sid: UUID | None = None
    acr: str = ""
    auth_time: int = 0


class AccessTokenReader:
    """`is_revoked` is asked for the ids of a token and of its session."""

    def __init__(self, keyring: Keyring, *, issuer: str, is_revoked: Callable[[str, str], bool]) -> None:
        self._keyring, self._issuer, self._is_revoked = keyring, issuer, is_revoked

    async def read(self, token: str) -> Claims | None:
        """The claims of an access token that is good now; None for one that is not, and for whatever else it may be."""
        if len(token) > _LONGEST:
            return None
        keys = KeySet.import_key_set(await self._keyring.public())  # type: ignore[arg-type]
        claims = verified(token, keys)
        if claims is None or claims.iss != self._issuer or claims.exp <= time.time():
            return None
        is_revoked = self._is_revoked(claims.jti, str(claims.sid or ""))
        return None if is_revoked else claims


def verified(token: str, keys: KeySet) -> Claims | None:
    try:
        signed = jws.deserialize_compact(token, keys, algorithms=["RS256"])
        header: dict[str, Any] = signed.headers()
        is_ours = header.get("typ") == "at+jwt" and "kid" in header
        return msgspec.json.decode(signed.payload, type=Claims) if is_ours else None
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError):
        return None
