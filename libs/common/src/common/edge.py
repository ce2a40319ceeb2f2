"""The outermost layer of a service: what holds for every response, whatever made it.

It takes or makes the request id and trace, adds the security headers, counts and logs the request. Plain ASGI,
because it runs on every request.
"""

import asyncio
import time
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from common import context, log
from common.lifecycle import Lifecycle
from common.metrics import REQUESTS
from common.problems import Problem

# `style-src` and the rest fall back to `default-src`: no inline script or style anywhere (SECURITY 26).
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
# What a response says unless it says it itself: a page may need a policy of its own.
DEFAULT_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
BODY_TIMEOUT, DRAIN_TIMEOUT = 30.0, 5.0
"""Seconds for a body to arrive, and for what is left of one that was refused."""
DRAINED = 2 << 20
"""Bytes of a refused body that are read and forgotten."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
# Any word is a method that somebody can send, and each would stay in the metrics for good.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestTimedOut(Problem):
    status, code, title = 408, "REQUEST_TIMEOUT", "The request did not arrive in time"

    def __init__(self) -> None:
        super().__init__(headers={"Connection": "close"})


class _Body:
    """The body of a request on its way in. All of it has to arrive in time: half a request must not hold its place for
    ever. What nobody read is read before the answer: a server that closes a connection with bytes unread resets it, and
    whoever is still sending, the gateway above all, loses the answer (RFC 9112, section 9.6)."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._end = receive, time.monotonic() + BODY_TIMEOUT
        self._is_whole = False

    async def receive(self) -> Any:
        if self._is_whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(self._end - time.monotonic(), 0))
        except TimeoutError:
            self._is_whole = True  # as far as anybody will look
            raise RequestTimedOut from None
        self._is_whole = not message.get("more_body")
        return message

    async def drain(self) -> None:
        """Read on, for a while and not for ever."""
        self._end = min(self._end, time.monotonic() + DRAIN_TIMEOUT)
        left = DRAINED
        while not self._is_whole and left > 0:
            try:
                message = await self.receive()
            except RequestTimedOut:
                return
            left -= len(message.get("body", b""))


class Edge:
    """Wraps the Litestar app of a service."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self.lifecycle = lifecycle
        self._observers: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = self._enter_context(scope).encode()
        status = 500
        body = _Body(receive) if scope["method"] in _WITH_BODY else None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                if body is not None:
                    await body.drain()
                status = message["status"]
                message["headers"] = self._headers(scope, message, request_id)
            await send(message)

        try:
            await self._app(scope, body.receive if body else receive, send_with_headers)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    @staticmethod
    def _enter_context(scope: Scope) -> str:
        request_id = traceparent = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                request_id = value
            elif name == b"traceparent":
                traceparent = value
        return context.accept(request_id.decode("latin-1"), traceparent.decode("latin-1"))

    def _headers(
        self, scope: Scope, message: HTTPResponseStartEvent, request_id: bytes
    ) -> list[tuple[bytes, bytes]]:
        said = {name for name, _ in message["headers"]}
        headers = [*message["headers"], (b"x-request-id", request_id)]
        headers.extend(default for default in DEFAULT_HEADERS if default[0] not in said)
        headers.extend(scope.get("rate_headers", ()))  # type: ignore[arg-type]
        if self.lifecycle.is_draining:
            headers.append((b"connection", b"close"))
        return headers

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "(none)"
        method = str(scope["method"])  # type: ignore[typeddict-item]
        key = (method if method in _METHODS else "OTHER", str(route), status)
        observer = self._observers.get(key)
        if observer is None:
            observer = self._observers[key] = REQUESTS.labels(*key)
        observer.observe(seconds)
        if route not in _QUIET:
            log.request(*key, round(seconds * 1000, 2))
