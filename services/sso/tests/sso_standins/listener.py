"""The server of an app that listens for logouts: a real one, which can be slow, rude or away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

from common.testing.fixtures import eventually
from common.testing.ports import free_port


class Listener:
    """Takes notes of what it is sent. `answer` is the head of what it says; with `silent` it says nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        self.silent = self.endless = False
        self.most_at_once = self._at_once = 0
        self._server: asyncio.Server | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/backchannel?app=1"

    @property
    def tokens(self) -> list[str]:
        return [form["logout_token"] for _, _, form in self.requests]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def wait_for(self, count: int, *, within: float = 10.0) -> list[str]:
        """The tokens, once there are `count`."""

        async def enough() -> bool:
            return len(self.requests) >= count

        await eventually(enough, within=within)
        return self.tokens

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._at_once -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        self.requests.append((head[0], headers, {name: values[0] for name, values in parse_qs(body).items()}))
        if self.silent:
            await reader.read()  # until the other side has had enough
            return
        writer.write(self.answer)
        await writer.drain()
        while self.endless:
            writer.write(b"x" * 65536)
            await writer.drain()


@asynccontextmanager
async def listening(**settings: Any) -> AsyncIterator[Listener]:
    listener = Listener()
    for name, value in settings.items():
        setattr(listener, name, value)
    await listener.start()
    yield listener
    await listener.stop()
