"""The device code grant (RFC 8628 section 3.4): for a device that keeps asking until its owner has answered elsewhere."""

from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidGrantError
from authlib.oauth2.rfc8628 import (
    AuthorizationPendingError,
    DeviceCodeGrant,
    ExpiredTokenError,
    SlowDownError,
)
from msgspec.structs import replace
from sqlalchemy.util.concurrency import await_

from common.settings import Secret
from sso.devices import service as devices
from sso.devices.service import Answer, Approved
from sso.oauth2 import app_sessions
from sso.oauth2.client_authentication import METHODS
from sso.oauth2.clients import Client
from sso.oauth2.issuing import SessionGrant
from sso.oauth2.server import Server
from sso.users.models import User

_ERRORS = {
    Answer.PENDING: AuthorizationPendingError,
    Answer.SLOW_DOWN: SlowDownError,
    Answer.DENIED: AccessDeniedError,
    Answer.EXPIRED: ExpiredTokenError,
}


class _Polled(msgspec.Struct, frozen=True):
    """What the code stands for that this client showed."""

    client_id: str
    answer: Approved | Answer

    def get_client_id(self) -> str:
        return self.client_id

    def get_scope(self) -> str:
        return self.answer.scope if isinstance(self.answer, Approved) else ""


class DeviceGrant(DeviceCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Server
    request: Any

    def authenticate_token_endpoint_client(self) -> Client:
        self.request.client = super().authenticate_token_endpoint_client()
        client: Client = self.request.client
        return client

    def query_device_credential(self, device_code: str) -> _Polled:
        answer = await_(devices.poll(self.server.db, device_code, client_id=self.client.id))
        if answer is Answer.UNKNOWN:
            raise InvalidGrantError("There is no such device code, or it was used before.")
        if isinstance(answer, Approved):
            answer = replace(answer, scope=self.client.still_allowed(answer.scope))
            if not answer.scope:
                raise InvalidGrantError("The client may have nothing of what was granted any more.")
        return _Polled(self.client.id, answer)

    def validate_device_credential(self, credential: _Polled) -> User:
        if isinstance(credential.answer, Approved):
            return credential.answer.user
        raise _ERRORS[credential.answer]

    def generate_token(
        self, *, user: User, scope: str, include_refresh_token: bool, **_: Any
    ) -> SessionGrant:
        approved: Approved = self.request.credential.answer
        signed_in = await_(
            app_sessions.start(
                self.server.db,
                user,
                client_id=self.client.id,
                scope=scope,
                amr=approved.amr,
                authenticated_at=approved.authenticated_at,
                parent=None,
                caller=self.server.caller,
            )
        )
        return SessionGrant(
            user=user,
            session=signed_in.session,
            scope=scope,
            refresh_token=Secret(signed_in.refresh_token) if include_refresh_token else None,
        )

    def save_token(self, token: SessionGrant) -> None:
        """The session was saved when it started."""
