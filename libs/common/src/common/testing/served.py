"""Serve an app on a real socket inside the test's event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar.types import ASGIApp

from common.edge import Edge
from common.lifecycle import Lifecycle, serve
from common.testing.ports import free_port


@asynccontextmanager
async def served(app: ASGIApp, *, port: int | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `app`, which listens for as long as the block lasts and then drains as on SIGTERM."""
    port = port or free_port()
    lifecycle = app.lifecycle if isinstance(app, Edge) else Lifecycle()
    stop = asyncio.Event()
    task = asyncio.create_task(
        serve(app, lifecycle, host="127.0.0.1", port=port, grace=10, stop=stop, notice=0)
    )
    # Each request on a connection of its own: one that the server closes after a refused body takes no other along.
    fresh = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False, limits=fresh
    ) as client:
        await _listening(port, task)
        try:
            yield client
        finally:
            stop.set()
            await task


async def _listening(port: int, task: "asyncio.Task[None]") -> None:
    for _ in range(500):
        if task.done():
            task.result()
            raise RuntimeError("the app stopped while it started")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise RuntimeError("the app did not listen within 10 s")
