"""ID tokens that clients show to say whom they want to sign out (RP-Initiated Logout 1.0 section 2)."""

import time
from typing import Any
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sso.keys.keyring import Keyring

_LONGEST = 8192
_LEEWAY = 60


class Hint(msgspec.Struct, frozen=True):
    """Whom a client once signed in, and in which session of its own."""

    client_id: str
    user_id: UUID
    session_id: UUID


async def read(keyring: Keyring, token: str, *, issuer: str) -> Hint | None:
    """What an ID token of ours says, one that has expired too (section 2); None for anything else.

    One whose signing key was given up is as none: then somebody is asked.
    """
    if not 0 < len(token) <= _LONGEST:
        return None
    try:
        keys = KeySet.import_key_set(await keyring.public())  # type: ignore[arg-type]
        found = jwt.decode(token, keys, algorithms=["RS256"])
        # Not an access token, whose `typ` is another (RFC 9068 section 2.1).
        if found.header.get("typ") != "JWT" or not _is_ours(found.claims, issuer):
            return None
        claims = found.claims
        return msgspec.convert(
            {"client_id": claims["aud"], "user_id": claims["sub"], "session_id": claims["sid"]}, Hint
        )
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _is_ours(claims: dict[str, Any], issuer: str) -> bool:
    issued_at = claims.get("iat")
    return claims.get("iss") == issuer and isinstance(issued_at, int) and issued_at <= time.time() + _LEEWAY
