"""Strict rate limits: fixed windows counted on JetStream counters (ADR-49), across replicas and restarts.

A limit is never exceeded, by any number of replicas: a process takes hits from the shared counter before it uses
them. For large limits it takes 1 % at once, so that most requests need no round trip; the price is that a replica may
sit on that 1 %. While NATS is away each process counts for itself.
"""

import asyncio
import time
from collections import OrderedDict
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Literal, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Scope, Send

from common.bus import Bus, BusUnavailable
from common.problems import Problem
from common.schemas import rfc3339

_TRACKED = 50_000


class Limit(msgspec.Struct, frozen=True):
    """`count` requests in `window` seconds."""

    count: int
    window: int


WRITES = Limit(100, 900)
READS = Limit(1000, 900)
ANONYMOUS = Limit(100, 60)


class RateLimitExceeded(Problem):
    status, code, title = 429, "RATE_LIMIT_EXCEEDED", "Too many requests"


class _Window:
    """What this process knows about one key in one window: hits it may still give out, and what all have taken."""

    __slots__ = ("exhausted", "held", "leasing", "start", "taken")

    def __init__(self, start: int) -> None:
        self.start = start
        self.held = 0
        self.taken = 0
        self.exhausted = False
        self.leasing = asyncio.Lock()


class RateLimiter:
    def __init__(self, bus: Bus, overrides: dict[str, Any] | Literal["off"]) -> None:
        self._bus = bus
        self.off = overrides == "off"
        self._overrides = {} if overrides == "off" else msgspec.convert(overrides, dict[str, Limit])
        self._routes: dict[tuple[str, str], tuple[str, Limit]] = {}
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def route(self, method: str, template: str, default: Limit) -> tuple[str, Limit]:
        """The key of a route and its limit; worked out once for each route."""
        known = self._routes.get((method, template))
        if known is None:
            limit = self._overrides.get(f"{method} {template}") or self._overrides.get("*") or default
            known = self._routes[method, template] = (f"{method}{_token(template)}", limit)
        return known

    async def take(self, key: str, limit: Limit) -> tuple[bool, int, int]:
        """Take one hit: whether it was allowed, how many are left, and when (Unix seconds) the window ends."""
        start = int(time.time()) // limit.window * limit.window
        window = self._window(key, start)
        if window.held == 0:
            # One lease at a time: those of a burst together would sit on much of the limit.
            async with window.leasing:
                if window.held == 0 and not window.exhausted:
                    await self._lease(key, window, limit)
        allowed = window.held > 0
        if allowed:
            window.held -= 1
        left = max(0, limit.count - window.taken) + window.held
        return allowed, left, start + limit.window

    def _window(self, key: str, start: int) -> _Window:
        window = self._windows.get(key)
        if window is None or window.start != start:
            window = self._windows[key] = _Window(start)
        self._windows.move_to_end(key)
        if len(self._windows) > _TRACKED:
            self._windows.popitem(last=False)
        return window

    async def _lease(self, key: str, window: _Window, limit: Limit) -> None:
        size = max(1, limit.count // 100)
        try:
            subject = f"rate.{key}.{limit.window}.{window.start}"
            ack = await self._bus.publish(subject, b"", headers={"Nats-Incr": f"+{size}"}, within=1.0)
            total = int(ack.val or 0)
        except BusUnavailable:
            total = window.taken + size
        window.taken = max(window.taken, min(total, limit.count))
        granted = min(size, limit.count - (total - size))
        window.held += max(granted, 0)
        window.exhausted = window.held == 0


class ClientAddress:
    """The address of the caller, from `X-Forwarded-For` only as far as trusted proxies vouch for it (SECURITY 7)."""

    def __init__(self, trusted: list[str]) -> None:
        self._trusted = [ip_network(network) for network in trusted]

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any]) -> str:
        address = connection.client.host if connection.client else "0.0.0.0"  # noqa: S104 (a placeholder)
        if not self._trusts(address):
            return address
        for hop in reversed(",".join(connection.headers.getall("x-forwarded-for", [])).split(",")):
            if not _is_address(hop.strip()):
                break
            address = hop.strip()
            if not self._trusts(address):
                break
        return address

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def limited(app: ASGIApp) -> ASGIApp:
    """Middleware: count each request against its route's limit, by user where one is known, else by address.

    A handler sets its own by `opt={"limit": Limit(...)}`.
    """

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        limiter: RateLimiter = scope["litestar_app"].state.limiter
        if not limiter.off:
            await _count(cast(dict[str, Any], scope), limiter)
        await app(scope, receive, send)

    return count


async def _count(scope: dict[str, Any], limiter: RateLimiter) -> None:
    principal = scope.get("auth")
    default = scope["route_handler"].opt.get("limit") or _default(
        scope["method"], anonymous=principal is None
    )
    route, limit = limiter.route(scope["method"], scope["path_template"], default)
    who = f"user.{principal.subject}" if principal else f"ip.{_token(_address(scope))}"
    await _take(scope, limiter, f"{route}.{who}", limit)


async def _take(scope: dict[str, Any], limiter: RateLimiter, key: str, limit: Limit) -> None:
    allowed, left, reset = await limiter.take(key, limit)
    scope["rate_headers"] = (
        (b"x-ratelimit-limit", b"%d" % limit.count),
        (b"x-ratelimit-remaining", b"%d" % left),
        (b"x-ratelimit-reset", _reset_header(reset)),
    )
    if not allowed:
        raise _exceeded(limit, reset)


async def count_by_user(scope: Scope, what: str, of: str, default: Limit) -> None:
    """Count what a user asks for by more than its route, once it is known what that is. The limit has the name `what of`
    in the settings, where a route has its method and path; the response tells this one. Not in a transaction: it asks the
    broker. Raises RateLimitExceeded."""
    limiter: RateLimiter = scope["litestar_app"].state.limiter
    if limiter.off:
        return
    key, limit = limiter.route(what, of, default)
    await _take(cast(dict[str, Any], scope), limiter, f"{key}.user.{scope['auth'].subject}", limit)


async def count_by_address(scope: Scope, what: str, of: str, default: Limit) -> None:
    """Count something that costs us more than a request, before anybody is known, by the caller's address. The limit
    has the name `what of` in the settings, where a route has its method and path. Raises RateLimitExceeded."""
    limiter: RateLimiter = scope["litestar_app"].state.limiter
    if limiter.off:
        return
    key, limit = limiter.route(what, of, default)
    allowed, _, reset = await limiter.take(f"{key}.ip.{_token(_address(scope))}", limit)
    if not allowed:
        raise _exceeded(limit, reset)


def _exceeded(limit: Limit, reset: int) -> RateLimitExceeded:
    wait = max(1, reset - int(time.time()))
    return RateLimitExceeded(
        f"The limit is {limit.count} in {limit.window} s; try again in {wait} s.",
        headers={"Retry-After": str(wait)},
    )


def _address(scope: Any) -> str:
    return network_of(scope["litestar_app"].state.client_address(ASGIConnection(scope)))


def network_of(address: str) -> str:
    """What is counted of `address`: of an IPv6 address its /64, all of which whoever has one of it usually has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip.packed[:8] + bytes(8), 64)))


@lru_cache(256)
def _reset_header(reset: int) -> bytes:
    return rfc3339(datetime.fromtimestamp(reset, UTC)).encode()


def _default(method: str, *, anonymous: bool) -> Limit:
    if anonymous:
        return ANONYMOUS
    return READS if method in {"GET", "HEAD"} else WRITES


def _token(text: str) -> str:
    """`text` as one token of a NATS subject."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in text)
