"""Serving a service from start to a stop that loses nothing.

On SIGTERM: not ready at once, no new jobs, a moment in which proxies learn of it, then the listener closes, requests
in flight finish, and what the service opened is closed in reverse.
"""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.types import ASGIApp

log = structlog.get_logger()

MOST_IN_FLIGHT = 4096
"""Requests at once, open event streams among them; more wait in the listener's queue."""
NOTICE = 0.3
"""Seconds between "not ready" and the closing of the listener."""


class LifespanFailed(Exception):
    """The service could not open or close its parts; it has logged why."""


class Lifecycle:
    """Whether the service is on its way out, and what begins at that moment."""

    def __init__(self) -> None:
        self._draining = asyncio.Event()
        self._on_drain: list[Callable[[], Awaitable[None]]] = []
        self._drains: list[asyncio.Task[None]] = []

    @property
    def is_draining(self) -> bool:
        return self._draining.is_set()

    def on_drain(self, action: Callable[[], Awaitable[None]]) -> None:
        """Start `action` when draining begins; `drained` waits for it."""
        self._on_drain.append(action)

    def drain(self) -> None:
        if not self.is_draining:
            self._draining.set()
            self._drains = [asyncio.ensure_future(action()) for action in self._on_drain]

    async def drained(self) -> None:
        self.drain()
        await asyncio.gather(*self._drains, return_exceptions=True)


async def serve(
    app: ASGIApp,
    lifecycle: Lifecycle,
    *,
    host: str,
    port: int,
    grace: float,
    stop: asyncio.Event,
    notice: float = NOTICE,
) -> None:
    """Serve until `stop` is set, then drain; in-flight requests get `grace` seconds.

    Granian runs embedded in this process and loop: one process a replica, and the signals are ours.
    """
    _check_free(host, port)
    async with _lifespan(app):
        gc.collect()
        gc.freeze()  # what was loaded for good need not be looked through at every collection
        server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            log_enabled=False,
            backlog=1024,
            backpressure=MOST_IN_FLIGHT,
        )
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            stopping.cancel()
            serving.result()
            return
        log.info("draining")
        lifecycle.drain()
        await asyncio.sleep(notice)
        server.stop()  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait_for(serving, grace)
        except TimeoutError:
            log.warning("requests_cut_off", grace=grace)


def _check_free(host: str, port: int) -> None:
    """Look before anything is opened: the server would end without a word."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            log.error("address_not_free", host=host, port=port, reason=error.strerror)
            raise LifespanFailed(f"{host}:{port}: {error.strerror}") from error


@asynccontextmanager
async def _lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """The app's lifespan (ASGI's protocol) around the block. Ours and not the server's, because the server drops it
    when a request outlasts the grace, and what the service opened would stay open."""
    to_app: asyncio.Queue[Any] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    running = asyncio.ensure_future(app(scope, to_app.get, from_app.put))

    async def tell(what: str) -> None:
        await to_app.put({"type": f"lifespan.{what}"})
        answer = await from_app.get()
        if answer["type"] != f"lifespan.{what}.complete":
            await asyncio.gather(running, return_exceptions=True)
            raise LifespanFailed(f"{what} failed: {answer.get('message', '')}")

    await tell("startup")
    try:
        yield
    finally:
        await tell("shutdown")
        await running


def run(app: ASGIApp, lifecycle: Lifecycle, *, host: str, port: int, grace: float) -> None:
    """Serve until SIGTERM or SIGINT. Blocks; the process may exit when it returns. Exits with 1 if it cannot start."""

    async def main() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await serve(app, lifecycle, host=host, port=port, grace=grace, stop=stop)
        log.info("stopped")

    try:
        uvloop.run(main())
    except LifespanFailed:
        sys.exit(1)
