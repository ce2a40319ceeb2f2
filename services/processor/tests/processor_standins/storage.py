import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from common.testing.ports import free_port
from processor_standins.platform import PATIENCE

_EXPORTED = b"PUT /resume-exports/pdfs/"


class Storage:
    """A real S3 behind a wire that can be cut: `down` refuses, `cut_after` breaks off uploads after so many bytes.

    While `flowing` is not set, uploads of exported PDFs wait, and `holding` says that one does.
    """

    def __init__(self, s3_url: str) -> None:
        self.target = urlsplit(s3_url).netloc.split(":")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.down = False
        self.cut_after: int | None = None
        self.flowing, self.holding = asyncio.Event(), asyncio.Event()
        self.flowing.set()
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Storage"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        try:
            yield self
        finally:
            server.close()
            self.flowing.set()
            self.hang_up()
            await server.wait_closed()

    async def held(self) -> None:
        """Wait until an upload waits."""
        await asyncio.wait_for(self.holding.wait(), PATIENCE)

    def hang_up(self) -> None:
        """Break every connection there is."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(self.target[0], int(self.target[1]))
        self._open |= {writer, back}
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(self._pipe(reader, back, counted=True), self._pipe(there, writer))
        finally:
            self._open -= {writer, back}
            writer.transport.abort()
            back.transport.abort()

    async def _pipe(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, counted: bool = False
    ) -> None:
        passed = 0
        while data := await source.read(4096):
            passed += len(data)
            if self.down or (counted and self.cut_after is not None and passed > self.cut_after):
                raise ConnectionResetError
            if counted and _EXPORTED in data and not self.flowing.is_set():
                self.holding.set()
                await self.flowing.wait()
            target.write(data)
            await target.drain()
        target.transport.abort()
