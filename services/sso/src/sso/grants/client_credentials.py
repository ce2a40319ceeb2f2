"""The client credentials grant (RFC 6749 section 4.4): tokens that speak for a client and for nobody else. The platform's
services get those for each other by it."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError, OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from common.auth import INTERNAL_SCOPE
from common.tokens import PLATFORM_SCOPE
from sso.oauth2.client_authentication import WITH_PROOF
from sso.oauth2.issuing import ClientGrant
from sso.oauth2.server import Server
from sso.scopes import OFFLINE_ACCESS, OPENID
from sso.settings import SERVICES
from sso.tokens.access import audiences

_OF_PEOPLE = frozenset({OPENID, "profile", "email", OFFLINE_ACCESS, PLATFORM_SCOPE})


class InvalidTarget(OAuth2Error):
    """RFC 8707 section 2."""

    error = "invalid_target"


class OwnGrant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = WITH_PROOF
    server: Server
    request: Any

    def validate_token_request(self) -> None:
        super().validate_token_request()
        (self._check_service if self.client.is_service else self._check_app)()

    def _check_service(self) -> None:
        if self.request.payload.scope != INTERNAL_SCOPE:
            raise InvalidScopeError(f"The scope of a service is '{INTERNAL_SCOPE}'.")
        if self.request.form.get("audience") not in SERVICES:
            raise InvalidTarget("There is no such audience.")
        self.request.credential = [self.request.form["audience"]]

    def _check_app(self) -> None:
        """What belongs to a person is not a client's own: `openid`, say."""
        scope = self.client.get_allowed_scope(self.request.payload.scope)
        if scope is None or _OF_PEOPLE & set(scope.split()):
            raise InvalidScopeError
        reachable = audiences(scope, is_staff=False)
        wanted = self.request.form.get("audience")
        if wanted is not None and wanted not in reachable:
            raise InvalidTarget("The scope does not reach this audience.")
        self.request.credential = [wanted] if wanted else reachable

    def generate_token(self, *, scope: str, **_: Any) -> ClientGrant:
        return ClientGrant(client_id=self.client.id, scope=scope, audience=self.request.credential)

    def save_token(self, token: ClientGrant) -> None:
        """Tokens of clients are not stored."""
