"""Who may call a route: middleware that reads the bearer token or API key, and the revocations that end one before it
expires."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Guard, Receive, Scope, Send
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from common.api_keys import PREFIX, ApiKeys
from common.bus import Bus
from common.ids import now
from common.kv import Bucket
from common.limits import ANONYMOUS, count_by_address
from common.problems import Forbidden, Unauthorized
from common.tokens import PLATFORM_SCOPE, InvalidToken, Principal, TokenVerifier

INTERNAL_SCOPE = "internal"
SINGLE_FACTOR, MULTI_FACTOR = "urn:resumax:acr:single-factor", "urn:resumax:acr:multi-factor"
"""How surely somebody was authenticated: the values of the claim `acr` (OpenID Connect Core section 2)."""
LONGEST_TOKEN = 65 * 60.0
"""Seconds after which every access token that was valid at a revocation has expired by itself, leeway included: the
longest are those of staff who act in a user's place, an hour."""


_READING = frozenset({"GET", "HEAD"})
_KEY_PREFIX = PREFIX.encode()


class InsufficientScope(Forbidden):
    """The token is good, but was not given for this (RFC 6750 section 3.1)."""

    code, title = "INSUFFICIENT_SCOPE", "The token was not given for this"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"The scope '{scope}' is missing.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )


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


def authenticated(app: ASGIApp) -> ASGIApp:
    """Middleware: a user on the platform's own front ends, not on an app that was given a part of what they may do.

    `request.auth` is the Principal.
    """
    return _with_principal(app, _require_platform)


def authenticated_for(resource: str) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware: a user, by any token with the scope `{resource}:read` for reading, `{resource}:write` for the rest."""

    def middleware(app: ASGIApp) -> ASGIApp:
        return _with_principal(app, partial(_require_scope, resource))

    return middleware


def authenticated_for_if_valid(resource: str) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware: as `authenticated_for`, but a token is not needed, and one that is no longer good is as none."""

    def middleware(app: ASGIApp) -> ASGIApp:
        return _with_principal(app, partial(_require_scope, resource), optional=True)

    return middleware


def authenticated_if_valid(app: ASGIApp) -> ASGIApp:
    """Middleware: an access token is not needed, and one that is no longer good is as none."""
    return _with_principal(app, _require_platform, optional=True)


def internal(app: ASGIApp) -> ASGIApp:
    """Middleware: another service of the platform, by its client-credentials token with the scope `internal`."""
    return _with_principal(app, _require_service)


def _with_principal(
    app: ASGIApp, require: Callable[[Principal, str], None], *, optional: bool = False
) -> ASGIApp:
    # Middleware and not a guard: Litestar copies the route handler for each guard of each request.
    async def identify(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            principal = await _identified(scope)
        except Unauthorized:
            if not optional:
                raise
        else:
            require(principal, str(scope["method"]))  # type: ignore[typeddict-item]
            scope["auth"] = principal
        await app(scope, receive, send)

    return identify


async def _identified(scope: Scope) -> Principal:
    """Who the access token or API key of the request speaks for. Raises Unauthorized, or Unavailable."""
    header = _authorization(scope)
    if not header:
        raise Unauthorized
    scheme, _, credentials = header.partition(b" ")
    credentials = credentials.strip()
    if scheme.lower() != b"bearer" or not credentials:
        raise InvalidToken("not a bearer token")
    state = scope["litestar_app"].state
    if credentials.startswith(_KEY_PREFIX):
        api_keys: ApiKeys = state.api_keys
        return await api_keys.verify(credentials, admit=partial(_admit_unknown_key, scope))
    verifier: TokenVerifier = state.verifier
    return await verifier.verify(credentials.decode("latin-1"))


def _authorization(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value
    return b""


async def _admit_unknown_key(scope: Scope) -> None:
    """Anybody can make up keys that look good; each of them is a question to the SSO."""
    await count_by_address(scope, "UNKNOWN", "api-key", ANONYMOUS)


def _require_platform(principal: Principal, _method: str) -> None:
    if principal.is_service:
        raise Forbidden("This route is for users.")
    if PLATFORM_SCOPE not in principal.scopes:
        raise InsufficientScope(PLATFORM_SCOPE)


def _require_scope(resource: str, principal: Principal, method: str) -> None:
    wanted = f"{resource}:{'read' if method in _READING else 'write'}"
    if principal.is_service:
        raise Forbidden("This route is for users.")
    if not principal.may(wanted):
        raise InsufficientScope(wanted)


def _require_service(principal: Principal, _method: str) -> None:
    if not principal.is_service or INTERNAL_SCOPE not in principal.scopes:
        raise Forbidden("This route is for services; the scope 'internal' is missing.")


def client(*allowed: str) -> Guard:
    """A guard, to stand after `internal`: the service is one of `allowed`."""

    async def is_allowed(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        if connection.scope["auth"].client_id not in allowed:
            raise Forbidden(f"Only the service {' or '.join(allowed)} may do this.")

    return is_allowed
