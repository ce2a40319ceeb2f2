"""Clients that prove themselves by a JWT that they sign: `private_key_jwt` (RFC 7523; OpenID Connect Core section 9)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sso.oauth2.client_authentication import PRIVATE_KEY_JWT, FindClient
from sso.oauth2.clients import Client
from sso.oauth2.requests import ClientRequest

ALGORITHMS = ["RS256", "ES256", "PS256"]
LONGEST_LIFE = 3600
"""Seconds: an assertion that is good for longer is refused, because its `jti` has to be kept for as long."""
_LONGEST_JTI = 256

UseOnce = Callable[[str, datetime], bool]
"""Whether the first to say so, until the given time."""


class ClientAssertion(JWTBearerClientAssertion):
    CLIENT_AUTH_METHOD = PRIVATE_KEY_JWT

    def __init__(self, issuer: str, use_once: UseOnce) -> None:
        super().__init__(leeway=30)
        self._issuer, self._use_once = issuer, use_once

    def __call__(self, find: FindClient, request: ClientRequest) -> Client | None:
        """The client that signed, if there is an assertion. Raises InvalidClientError."""
        try:
            client: Client | None = super().__call__(find, request)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            # What is in a JWT may be of any shape, and neither library expects each.
            raise InvalidClientError from None
        if client is not None and request.form.get("client_id", client.id) != client.id:
            raise InvalidClientError  # RFC 7521 section 4.2
        return client

    def get_audiences(self) -> list[str]:
        return [self._issuer, f"{self._issuer}/oauth2/token"]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        return KeySet.import_key_set(client.row.jwks or {"keys": []})  # type: ignore[arg-type]

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        # As Authlib has it, but for the algorithms, which are ours to name.
        token = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS)
        self.verify_claims(token.claims)
        return token.claims

    def validate_jti(self, claims: dict[str, Any], jti: object) -> bool:
        """Whether it is good, and used for the first time."""
        expires_at = int(claims["exp"]) + self.leeway
        is_one = isinstance(jti, str) and 0 < len(jti) <= _LONGEST_JTI
        if not is_one or expires_at > time.time() + LONGEST_LIFE + 2 * self.leeway:
            return False
        return self._use_once(f"{claims['sub']} {jti}", datetime.fromtimestamp(expires_at, UTC))
