"""An OAuth client as Authlib asks about it."""

import hashlib
import hmac
from collections.abc import Sequence

from authlib.oauth2.rfc6749 import ClientMixin

from sso.clients.models import PUBLIC, SERVICE, OAuthClient
from sso.oauth2.redirect_uris import is_registered
from sso.scopes import SCOPES, THIRD_PARTY_SCOPES

AUTHORIZATION_CODE, REFRESH_TOKEN = "authorization_code", "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"


class Client(ClientMixin):
    def __init__(self, row: OAuthClient) -> None:
        self.row = row

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def is_service(self) -> bool:
        return self.row.kind == SERVICE

    def get_client_id(self) -> str:
        return self.row.id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        # The same at every endpoint: the one that the client is registered with.
        return self.row.auth_method == method

    def has_secret(self, candidates: Sequence[str]) -> bool:
        """Whether one of `candidates` is the secret. All are compared, in constant time each."""
        known = self.row.secret_sha256 or b""
        matches = [
            hmac.compare_digest(hashlib.sha256(candidate.encode()).digest(), known)
            for candidate in candidates
        ]
        return any(matches)

    def check_grant_type(self, grant_type: str) -> bool:
        offered = [CLIENT_CREDENTIALS] if self.is_service else self.row.grant_types
        return grant_type in offered

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.check_grant_type(AUTHORIZATION_CODE)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(redirect_uri, self.row.redirect_uris, is_native=self.row.kind == PUBLIC)

    def get_default_redirect_uri(self) -> None:
        """None: OpenID Connect (Core section 3.1.2.1) wants it in every request."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """`scope`, each once, if the client may have all of it; else None, which refuses the request."""
        wanted = list(dict.fromkeys((scope or "").split()))
        return " ".join(wanted) if wanted and self._allowed.issuperset(wanted) else None

    def still_allowed(self, granted: str) -> str:
        """Of a scope that was granted, what the client may have still: it may have lost some since."""
        return " ".join(scope for scope in granted.split() if scope in self._allowed)

    @property
    def _allowed(self) -> set[str]:
        known = SCOPES if self.row.is_first_party else THIRD_PARTY_SCOPES
        return set(self.row.scopes).intersection(known)
