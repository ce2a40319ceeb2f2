import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from litestar import Litestar, get

from common.lifecycle import Lifecycle, LifespanFailed, serve
from common.testing.ports import free_port


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


async def test_a_request_that_outlasts_the_grace_does_not_keep_the_service_from_closing_what_it_opened() -> (
    None
):
    seen: list[str] = []

    @asynccontextmanager
    async def parts(_app: Litestar) -> AsyncIterator[None]:
        seen.append("opened")
        yield
        await asyncio.sleep(0.05)
        seen.append("closed")

    @get("/hangs")
    async def hangs() -> None:
        seen.append("asked")
        await asyncio.sleep(3)

    app, port, stop = Litestar([hangs], lifespan=[parts], logging_config=None), free_port(), asyncio.Event()
    serving = asyncio.create_task(
        serve(app, Lifecycle(), host="127.0.0.1", port=port, grace=0.2, stop=stop, notice=0)
    )
    await _answers(port)
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        request = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/hangs"))
        while "asked" not in seen:  # noqa: ASYNC110 (the handler runs in this loop)
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(serving, 2)
        assert seen == ["opened", "asked", "closed"]
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)


async def test_a_service_that_cannot_open_its_parts_says_so_and_serves_nothing() -> None:
    @asynccontextmanager
    async def parts(_app: Litestar) -> AsyncIterator[None]:
        raise RuntimeError("no such database")
        yield

    app, port = Litestar([], lifespan=[parts], logging_config=None), free_port()
    with pytest.raises(LifespanFailed, match="startup failed"):
        await serve(app, Lifecycle(), host="127.0.0.1", port=port, grace=1, stop=asyncio.Event())
    with pytest.raises(OSError, match="Connect"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken_is_said_before_anything_is_opened() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LifespanFailed, match="in use"):
            await serve(
                Litestar([], logging_config=None),
                Lifecycle(),
                host="127.0.0.1",
                port=port,
                grace=1,
                stop=asyncio.Event(),
            )
