"""The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636): both its ends, at /oauth2/authorize and at
/oauth2/token. Authlib checks the requests; the codes are `sso.authorizations.codes`."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy.util.concurrency import await_

from common.settings import Secret
from sso.authorizations import codes
from sso.authorizations.models import AuthorizationCode
from sso.oauth2.client_authentication import METHODS
from sso.oauth2.clients import Client
from sso.oauth2.issuing import SessionGrant
from sso.oauth2.requests import ClientRequest
from sso.oauth2.server import Server
from sso.sessions.browsers import Browser
from sso.users.models import User


class CodeGrant(AuthorizationCodeGrant):
    """At the authorization endpoint, whoever grants is a `Browser`."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Server
    request: Any

    @staticmethod
    def validate_authorization_redirect_uri(request: ClientRequest, client: Client) -> str:
        """As Authlib has it, but for the message: theirs quotes the address, and fails where it has odd characters."""
        redirect_uri: str | None = request.payload.redirect_uri
        if redirect_uri is None or not client.check_redirect_uri(redirect_uri):
            raise InvalidRequestError("The redirect URI is not registered for this client.")
        return redirect_uri

    def generate_authorization_code(self) -> str:
        """Empty: a code is made where it is stored."""
        return ""

    def create_authorization_response(
        self, redirect_uri: str, grant_user: Browser
    ) -> tuple[int, str, list[Any]]:
        """The code, for the caller to send to the client."""
        asked = self.request.payload.data
        request = codes.Request(
            client_id=self.request.client.id,
            redirect_uri=redirect_uri,
            scope=self.request.scope,
            nonce=asked.get("nonce"),
            code_challenge=asked["code_challenge"],
        )
        return 303, codes.issue(self.server.db, grant_user, request), []

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        return await_(codes.use(self.server.db, code, client_id=client.id, caller=self.server.caller))

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User:
        scope = self.request.client.still_allowed(authorization_code.scope)
        if not scope:
            raise InvalidGrantError("The client may have nothing of what was granted any more.")
        signed_in = await_(
            codes.exchange(self.server.db, authorization_code, scope=scope, caller=self.server.caller)
        )
        if signed_in is None:
            raise InvalidGrantError("Whoever granted this has signed out since.")
        self.request.credential = signed_in
        return signed_in.user

    def generate_token(self, *, include_refresh_token: bool, **_: Any) -> SessionGrant:
        signed_in, code = self.request.credential, self.request.authorization_code
        return SessionGrant(
            user=signed_in.user,
            session=signed_in.session,
            scope=signed_in.session.scope,
            refresh_token=Secret(signed_in.refresh_token) if include_refresh_token else None,
            nonce=code.nonce,
        )

    def save_token(self, token: SessionGrant) -> None:
        """The session was saved when it started."""

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """It was used up when it was read."""


class S256(CodeChallenge):
    """PKCE for every client, by SHA-256 alone (RFC 9700 section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 (Authlib's)
    _LENGTH = 43  # of a SHA-256 in base64url

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if (
            len(asked.get("code_challenge", "")) != self._LENGTH
            or asked.get("code_challenge_method") != "S256"
        ):
            raise InvalidRequestError("PKCE is required: a code_challenge, and S256 as its method.")
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge_method(self, _code: AuthorizationCode) -> str:
        return "S256"
