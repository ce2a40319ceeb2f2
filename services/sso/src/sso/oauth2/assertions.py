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
        client: Client | None = super().__call__(find, request)
        if client is not None and request.form.get("client_id", client.id) != client.id:
            raise InvalidClientError  # RFC 7521 section 4.2
        return client

    def get_audiences(self) -> list[str]:
        return [self._issuer, f"{self._issuer}/oauth2/token"]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        try:
            return KeySet.import_key_set(client.row.jwks or {"keys": []})  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise InvalidClientError("The client has no keys.") from None

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        # Beyond what Authlib does: the algorithms are ours to name, and what joserfc says is not for the client.
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            raise InvalidClientError("The assertion is not signed by the client.") from None
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        try:
            super().verify_claims(claims)
        except (TypeError, ValueError):
            raise InvalidClientError("The assertion has claims of the wrong kind.") from None

    def validate_jti(self, claims: dict[str, Any], jti: object) -> bool:
        expires_at = int(claims["exp"])
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
            return False
        if expires_at > time.time() + LONGEST_LIFE + self.leeway:
            raise InvalidClientError("The assertion is good for too long.")
        until = datetime.fromtimestamp(expires_at + self.leeway, UTC)
        return self._use_once(f"{claims['sub']} {jti}", until)
