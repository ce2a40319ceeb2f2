"""The refresh token grant (RFC 6749 section 6). Each token is good once; `sso.sessions.service` rotates them."""

from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant
from sqlalchemy.util.concurrency import await_

from common.problems import Unauthorized
from common.settings import Secret
from sso.oauth2.client_authentication import METHODS
from sso.oauth2.clients import Client
from sso.oauth2.issuing import SessionGrant
from sso.oauth2.server import Server
from sso.sessions import queries as sessions_queries
from sso.sessions import service as sessions
from sso.sessions.models import Session
from sso.sessions.successors import sha256
from sso.users.models import User


class Shown(msgspec.Struct, frozen=True):
    """The refresh token that a client showed, the session that it belongs to, and the scope that this has still."""

    refresh_token: str
    session: Session
    scope: str

    def check_client(self, client: Client) -> bool:
        return self.session.client_id == client.id

    def get_scope(self) -> str:
        return self.scope


class RefreshGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Server
    request: Any

    def authenticate_refresh_token(self, refresh_token: str) -> Shown | None:
        """Looked at, not used up: the rest of the request may still be refused."""
        found = await_(sessions_queries.find_token(self.server.db, sha256(refresh_token)))
        if found is None:
            return None
        session = found[1]
        scope = self.request.client.still_allowed(session.scope)
        return Shown(refresh_token, session, scope) if scope else None

    def authenticate_user(self, refresh_token: Shown) -> User:
        outcome = await_(
            sessions.rotate(
                self.server.db,
                refresh_token.refresh_token,
                successors=self.server.parts.successors,
                caller=self.server.caller,
                client_id=self.request.client.id,
            )
        )
        if isinstance(outcome, Unauthorized):
            raise InvalidGrantError(outcome.detail)
        self.request.credential = outcome
        return outcome.user

    def issue_token(self, _user: User, refresh_token: Shown) -> SessionGrant:
        """Of the scope that was asked for, which may be less than what was granted; the session keeps its own."""
        signed_in = self.request.credential
        return SessionGrant(
            user=signed_in.user,
            session=signed_in.session,
            scope=" ".join(self.request.payload.scope.split())
            if self.request.payload.scope
            else refresh_token.get_scope(),
            refresh_token=Secret(signed_in.refresh_token),
        )

    def save_token(self, token: SessionGrant) -> None:
        """It was stored when it was made."""

    def revoke_old_credential(self, refresh_token: Shown) -> None:
        """It was used up when its successor was made."""
