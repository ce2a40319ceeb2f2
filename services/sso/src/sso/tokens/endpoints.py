"""What Authlib does not know of introspection (RFC 7662) and revocation (RFC 7009): whose token it is, and what it is."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy.util.concurrency import await_

from sso.oauth2.client_authentication import METHODS, WITH_PROOF
from sso.oauth2.clients import Client
from sso.oauth2.requests import ClientRequest
from sso.oauth2.server import Server
from sso.sessions import service as sessions
from sso.sessions.revocations import revoke_token
from sso.sessions.service import REVOKED_BY_CLIENT
from sso.tokens import shown
from sso.tokens.reading import Claims
from sso.tokens.shown import Shown, ShownAccessToken


class _OfTokens:
    """`claims` are those of the token, read beforehand, if it is a good access token. Hints are ignored, as both RFCs
    let a server do."""

    server: Server

    def __init__(self, claims: Claims | None) -> None:
        super().__init__()
        self._claims = claims

    def check_params(self, request: ClientRequest, _client: Client) -> None:
        if "token" not in request.form:
            raise InvalidRequestError("The token is missing.")

    def query_token(self, token: str, _hint: str | None) -> Shown | None:
        return await_(shown.find(self.server.db, token, self._claims))


class Introspection(_OfTokens, IntrospectionEndpoint):
    """Clients learn of their own tokens, our services of those that they may be shown."""

    CLIENT_AUTH_METHODS = WITH_PROOF

    def check_permission(self, token: Shown, client: Client, _request: ClientRequest) -> bool:
        return token.check_client(client) or token.is_for(client)

    def introspect_token(self, token: Shown) -> dict[str, Any]:
        return token.describe()


class Revocation(_OfTokens, RevocationEndpoint):
    CLIENT_AUTH_METHODS = METHODS

    def authenticate_token(self, request: ClientRequest, client: Client) -> Shown | None:
        """None for a token of another client, of which this one learns nothing."""
        self.check_params(request, client)
        token = self.query_token(request.form["token"], None)
        return token if token is not None and token.check_client(client) else None

    def revoke_token(self, token: Shown, _request: ClientRequest) -> None:
        """An access token ends alone; a refresh token ends its session, and all access tokens with it (section 2.1)."""
        if isinstance(token, ShownAccessToken):
            revoke_token(self.server.db, token.claims.jti)
        elif token.session.ended_at is None:
            await_(
                sessions.end(
                    self.server.db,
                    token.session.id,
                    user_id=token.session.user_id,
                    caller=self.server.caller,
                    reason=REVOKED_BY_CLIENT,
                )
            )
