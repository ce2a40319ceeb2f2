"""What every service stands on, opened and closed in one place: a composition root makes a `Service`, adds its own
parts and asks it for the app."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import structlog
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.types import ASGIApp, ControllerRouterHandler, Middleware
from nats.js.api import StreamConfig

from common import dependencies, docs, health, migrations, problems
from common.api_keys import ApiKeys, Exchange, exchange_at
from common.auth import Revocations
from common.bus import Bus
from common.consumer import Consumer
from common.db import Database
from common.edge import Edge
from common.http import ClientCredentials, ServiceClient, TokenSource
from common.kv import Bucket
from common.lifecycle import Lifecycle
from common.limits import ClientAddress, RateLimiter
from common.nulls import without_nulls
from common.relay import Relay
from common.settings import ServiceSettings
from common.streams import AUTH_TOKENS, COUNTERS
from common.tokens import FetchKeys, KeyCache, TokenVerifier, keys_over_http

log = structlog.get_logger()

Start = Callable[[], Awaitable[None]]

EXPOSED_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Retry-After",
    "X-Cache",
    "X-Cache-Date",
    "X-Page-Count",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Render-Warnings",
    "X-Request-Id",
    "X-Resume-Version",
]
"""What front ends on other origins may read of an answer (Fetch Standard, section 3.3)."""
SSO_TIMEOUT = httpx.Timeout(2.0, connect=0.5)
"""For what a request waits for whose API key is new here."""


class Service:
    """The shared parts of one service: database, bus, caches, tokens, clients of other services, relay.

    `calls` names the services it sends requests to; `streams` the streams and buckets it uses; `keys`, `tokens` and
    `api_keys` replace asking the SSO for them (for the SSO itself).
    """

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        *,
        package_file: str,
        streams: Sequence[StreamConfig] = (),
        calls: Sequence[str] = (),
        keys: FetchKeys | None = None,
        tokens: TokenSource | None = None,
        api_keys: Exchange | None = None,
    ) -> None:
        self.name, self.settings = name, settings
        self.lifecycle = Lifecycle()
        self.database = Database(settings.database_url)
        self.migrations: Path = migrations.folder(package_file)
        self.bus = Bus(settings.nats_url, name=name, streams=[AUTH_TOKENS, COUNTERS, *streams])
        self.auth_tokens = Bucket(self.bus, AUTH_TOKENS)
        self.revocations = Revocations(self.bus, self.auth_tokens)
        self.verifier = TokenVerifier(
            issuer=settings.issuer,
            audience=name,
            keys=KeyCache(keys or keys_over_http(settings.sso_url)),
            is_revoked=self.revocations.is_revoked,
        )
        self._credentials = None if tokens else self._client_credentials()
        source = tokens or self._credentials
        assert source is not None  # noqa: S101 (one of the two is there)
        self.clients = {to: ServiceClient(to, getattr(settings, f"{to}_url"), source) for to in calls}
        self._sso = ServiceClient("sso", settings.sso_url, source, timeout=SSO_TIMEOUT)
        self.api_keys = ApiKeys(api_keys or exchange_at(self._sso), self.verifier)
        self.relay = Relay(self.database, bus=self.bus, services=self.clients)
        self._needs: dict[str, tuple[Start, Start]] = {}
        self._consumers: list[Consumer] = []
        self._on_start: list[Start] = []
        self._on_stop: list[Start] = []

    def _client_credentials(self) -> ClientCredentials:
        if self.settings.client_secret is None:
            raise ValueError(f"{self.name.upper()}_CLIENT_SECRET is not set")
        return ClientCredentials(self.settings.sso_url, self.name, self.settings.client_secret)

    def consume(self, consumer: Consumer) -> None:
        """Run `consumer` for as long as the service serves; it drains as soon as the service does."""
        self._consumers.append(consumer)
        self.lifecycle.on_drain(lambda: consumer.drain(self.settings.shutdown_grace))

    def needs(self, name: str, *, check: Start, close: Start) -> None:
        """Something else that the service cannot do without: readiness calls `check`, the end `close`."""
        self._needs[name] = (check, close)

    def on_start(self, action: Start) -> None:
        """Run `action` once the bus and the database are open, before the first request."""
        self._on_start.append(action)

    def on_stop(self, action: Start) -> None:
        """Run `action` after the last request, before the bus and the database close."""
        self._on_stop.append(action)

    def app(
        self,
        *,
        prefix: str,
        description: str,
        routes: Sequence[ControllerRouterHandler],
        state: Mapping[str, Any] | None = None,
        docs_prefix: str | None = None,
        around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
        middleware: Sequence[Middleware] = (without_nulls,),
    ) -> Edge:
        """The ASGI app: `routes` (with their full paths), health, metrics, OpenAPI under `prefix`. `around` is put
        around all of it but the outermost layer, `middleware` around each route."""
        settings = self.settings
        app = Litestar(
            route_handlers=[
                *routes,
                *health.routes(self.name, self.unready),
                *docs.routes(docs_prefix or prefix),
            ],
            dependencies=dependencies.PROVIDERS,
            exception_handlers=problems.handlers(settings.issuer),
            middleware=middleware,
            lifespan=[self._running],
            openapi_config=docs.config(self.name, prefix, description),
            cors_config=CORSConfig(
                allow_origins=settings.cors_origins,
                allow_credentials=True,
                expose_headers=EXPOSED_HEADERS,
                max_age=600,
            )
            if settings.cors_origins
            else None,
            request_max_body_size=settings.body_limit,
            state=State(
                {
                    "service": self,
                    "database": self.database,
                    "verifier": self.verifier,
                    "api_keys": self.api_keys,
                    "limiter": RateLimiter(self.bus, settings.rate_limits),
                    "client_address": ClientAddress(settings.trusted_proxies),
                    "lifecycle": self.lifecycle,
                    **(state or {}),
                }
            ),
            logging_config=None,
        )
        return Edge(around(app), self.lifecycle)

    @asynccontextmanager
    async def _running(self, _app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await self._open(stack)
            except Exception as error:
                log.error("start_failed", exc_info=error)  # the server would only say that it failed
                raise
            log.info("started", service=self.name)
            yield

    async def _open(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self.database.close)
        if not await migrations.is_current(self.database, self.migrations):
            raise RuntimeError(f"The database is not migrated: run `python -m {self.name} migrate` first.")
        for client in (*self.clients.values(), self._sso):
            stack.push_async_callback(client.close)
        if self._credentials is not None:
            stack.push_async_callback(self._credentials.close)
        for _, close in self._needs.values():
            stack.push_async_callback(close)
        stack.push_async_callback(self.bus.close)
        await self.bus.start()
        stack.push_async_callback(self.relay.stop)
        self.relay.start()
        for stop in self._on_stop:
            stack.push_async_callback(stop)
        for start in self._on_start:
            await start()
        stack.push_async_callback(self.lifecycle.drained)
        for consumer in self._consumers:
            consumer.start()

    async def unready(self) -> dict[str, str]:
        """What is missing, by name; empty when everything this service cannot do without answers."""
        checks: dict[str, Callable[[], Awaitable[None]]] = {
            "database": self.database.check,
            "nats": self._check_bus,
        }
        checks |= {name: check for name, (check, _) in self._needs.items()}
        results = await asyncio.gather(*(check() for check in checks.values()), return_exceptions=True)
        failed = {name: type(r).__name__ for name, r in zip(checks, results, strict=True) if r is not None}
        return failed | ({"service": "draining"} if self.lifecycle.is_draining else {})

    async def _check_bus(self) -> None:
        await self.bus.client.flush(timeout=1)
