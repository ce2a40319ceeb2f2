"""Who may call a route: guards that read the bearer token, and the revocations that end one before it expires."""

import time
from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard, Scope
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from common.bus import Bus
from common.ids import now
from common.kv import Bucket
from common.problems import Forbidden, Unauthorized
from common.tokens import InvalidToken, Principal, TokenVerifier

INTERNAL_SCOPE = "internal"
LONGEST_TOKEN = 15 * 60.0
"""Seconds after which every access token that was valid at a revocation has expired by itself, leeway included."""


class Revocations:
    """The revoked tokens and sessions, mirrored whole in the process: a lookup never waits.

    The SSO puts `blacklist.{jti}` and `revoked.{sid}` into the bucket; each is remembered for as long as a token from
    before it could still be valid.
    """

    def __init__(self, bus: Bus, bucket: Bucket) -> None:
        self._bus = bus
        self._until: dict[str, float] = {}
        bucket.watch(self._seen)
        bus.on_connect(self._load)

    def is_revoked(self, token_id: str, session_id: str) -> bool:
        return bool(self._until) and (
            self._active(f"blacklist.{token_id}")
            or (bool(session_id) and self._active(f"revoked.{session_id}"))
        )

    def _active(self, key: str) -> bool:
        return self._until.get(key, 0.0) > time.monotonic()

    def _seen(self, key: str, value: bytes) -> None:
        if value and key.startswith(("blacklist.", "revoked.")):
            self._until[key] = time.monotonic() + LONGEST_TOKEN
            if len(self._until) % 1000 == 0:
                self._until = {key: until for key, until in self._until.items() if until > time.monotonic()}

    async def _load(self) -> None:
        """Read what was revoked while we were not listening."""
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_TIME,
            opt_start_time=now() - timedelta(seconds=LONGEST_TOKEN),
            ack_policy=AckPolicy.NONE,
            filter_subjects=["$KV.auth_tokens.blacklist.>", "$KV.auth_tokens.revoked.>"],
            inactive_threshold=5.0,
        )
        info = await self._bus.jetstream.add_consumer("KV_auth_tokens", config)
        subject = f"$JS.API.CONSUMER.MSG.NEXT.KV_auth_tokens.{info.name}"
        for _ in range(info.num_pending or 0):
            # Old style: the answer bears the subject of the stored message, by which nats-py's shared inbox loses it.
            message = await self._bus.raw.request(
                subject, b'{"batch":1,"no_wait":true}', timeout=2, old_style=True
            )
            if (message.headers or {}).get("Status"):
                break
            self._seen(message.subject.removeprefix("$KV.auth_tokens."), message.data)


async def _identify(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    header = _authorization(connection.scope)
    scheme, _, token = header.partition(" ")
    if not header:
        raise Unauthorized
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("not a bearer token")
    verifier: TokenVerifier = connection.app.state.verifier
    return await verifier.verify(token.strip())


def _authorization(scope: Scope) -> str:
    """The header, read without decoding all the others: this runs on every request."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value.decode("latin-1")
    return ""


async def authenticated(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: a user with a valid access token; `request.auth` is the Principal."""
    principal = await _identify(connection)
    if principal.is_service:
        raise Forbidden("This route is for users.")
    connection.scope["auth"] = principal


async def internal(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard: another service of the platform, by its client-credentials token with the scope `internal`."""
    principal = await _identify(connection)
    if not principal.is_service or INTERNAL_SCOPE not in principal.scopes:
        raise Forbidden("This route is for services; the scope 'internal' is missing.")
    connection.scope["auth"] = principal


def role(*wanted: str) -> Guard:
    """A guard, to stand after `authenticated`: the user has one of the roles `wanted`."""

    async def has_role(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        if not connection.scope["auth"].roles & set(wanted):
            raise Forbidden(f"This needs one of the roles: {', '.join(wanted)}.")

    return has_role
