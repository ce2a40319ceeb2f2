"""Authlib's authorization server for one request, on the transaction of that request.

Authlib is synchronous and asks for what it needs through hooks. `run` lets it run in a greenlet (SQLAlchemy's), in
which `await_` lets a hook wait for an asynchronous query without blocking the event loop. What goes wrong comes back
as an answer and is not raised, so that what was done on the way is committed: a code that was used twice, say, has
ended a session although the answer is an error.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util.concurrency import await_

from sso.callers import Caller
from sso.clients import queries as clients
from sso.oauth2 import client_authentication as authentication
from sso.oauth2 import queries
from sso.oauth2.assertions import ClientAssertion
from sso.oauth2.clients import Client
from sso.oauth2.requests import ClientRequest
from sso.sessions.successors import Successors

T = TypeVar("T")

_LONGEST_CLIENT_ID = 64


class Parts(msgspec.Struct, frozen=True):
    """What the server is made of that outlives a request."""

    issuer: str
    successors: Successors


class Answer(msgspec.Struct, frozen=True):
    """What the endpoint came to. `body` is a dict where it went wrong, and what the grant or endpoint made where not."""

    status: int
    body: Any
    headers: dict[str, str]


class Server(AuthorizationServer):
    """`grants` are pairs of a grant and its extensions; the endpoints are classes."""

    def __init__(
        self,
        parts: Parts,
        db: AsyncSession,
        caller: Caller,
        *,
        grants: Sequence[tuple[type[Any], Sequence[Any]]] = (),
        endpoints: Sequence[type[Any]] = (),
    ) -> None:
        super().__init__()
        self.parts, self.db, self.caller = parts, db, caller
        self._found: dict[str, Client | None] = {}
        for grant, extensions in grants:
            self.register_grant(grant, extensions)
        for endpoint in endpoints:
            self.register_endpoint(endpoint)
        self.register_client_auth_method(authentication.BASIC, authentication.by_basic)
        self.register_client_auth_method(authentication.POST, authentication.by_post)
        self.register_client_auth_method(authentication.NONE, authentication.by_name)
        assertion = ClientAssertion(parts.issuer, self._use_once)
        self.register_client_auth_method(authentication.PRIVATE_KEY_JWT, assertion)

    async def run(self, action: Callable[["Server"], T]) -> T:
        """What `action` makes of this server; Authlib's hooks may wait for queries meanwhile."""
        return await self.db.run_sync(lambda _: action(self))

    def query_client(self, client_id: str) -> Client | None:
        if client_id not in self._found:
            self._found[client_id] = self._find(client_id)
        return self._found[client_id]

    def _find(self, client_id: str) -> Client | None:
        if len(client_id) > _LONGEST_CLIENT_ID or not client_id.isprintable():
            return None
        row = await_(clients.find(self.db, client_id))
        return Client(row) if row is not None else None

    def authenticate_client(
        self, request: ClientRequest, methods: Sequence[str], endpoint: str = "token"
    ) -> Client:
        """The client. Raises InvalidClientError: why is not told, and the status is always 401."""
        authentication.refuse_several(request)
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise InvalidClientError("The client could not be authenticated.", status_code=401) from None
        return client

    def _use_once(self, name: str, until: datetime) -> bool:
        return await_(queries.use_assertion(self.db, sha256(name.encode()).digest(), until=until))

    def create_oauth2_request(self, request: ClientRequest) -> ClientRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        return Answer(status, body, dict(headers))

    def handle_error_response(self, request: ClientRequest, error: OAuth2Error) -> Answer:  # noqa: ARG002
        return Answer(error.status_code, error, {})

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to Authlib's signals."""
