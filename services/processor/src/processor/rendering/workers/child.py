"""The service's side of one worker process."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import msgspec

from processor.rendering import folders
from processor.rendering.errors import RenderFailed, RenderTimedOut
from processor.rendering.memory import resident
from processor.rendering.workers.protocol import (
    LARGEST_REPLY,
    LENGTH,
    Done,
    Failed,
    FrameTooLarge,
    Ready,
    length_of,
    read_reply,
)

START_TIMEOUT = 30.0
_LOOK_EVERY = 0.05
"""Seconds between looks at how much memory a worker uses while it renders; most are done before the first."""
_ENDING = 2.0
_BUFFER = 1 << 20
_LEAST_DOCUMENTS = 20
_REMEMBERED = 8
"""Of so many documents Typst still knows the layout."""
_ROOT = "resumax-render-"
# One arena and one thread: a worker does one thing, and there are as many workers as there is to be done at once. What is
# very large goes back to the system at once; not what every document takes, such as pages, and the tables of the compressor:
# to be given that again costs a tenth of the time.
_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(4 << 20),
    "RAYON_NUM_THREADS": "1",
}
# What a process needs to find its modules, and to be measured by tests. Nothing else: the service's environment holds its
# secrets.
_PASSED_ON = (
    "PATH",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "LANG",
    "TMPDIR",
    "VIRTUAL_ENV",
    "COVERAGE_PROCESS_CONFIG",
)


class Limits(msgspec.Struct, frozen=True):
    """What one document may take: `seconds`, `interactive` if somebody waits for it and that is less, and `memory` in bytes.
    A worker is replaced after so many `documents`, or when it holds more than `keeps` bytes once it is done."""

    seconds: float = 20.0
    interactive: float = 5.0
    memory: int = 512 << 20
    documents: int = 2000
    keeps: int = 224 << 20


class WorkerDied(Exception):
    """The worker ended in the middle of a document, which may not have been the document's fault."""


class Child:
    """A worker process, to be given one task at a time. `is_kept_free` workers do only what people wait for.

    One for the template of a `stranger`, by its folder, is locked down to that.
    """

    def __init__(self, limits: Limits, *, is_kept_free: bool, stranger: Path | None = None) -> None:
        self.is_kept_free = is_kept_free
        self.has_successor = False
        self.is_broken = False
        self.recent: deque[str] = deque(maxlen=_REMEMBERED)
        self.documents = 0
        self._limits, self._stranger = limits, stranger
        self._folder = folders.OwnFolder(_ROOT)
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = self._spawned(theirs.fileno())
        except OSError:
            ours.close()
            self._folder.remove()
            raise
        self._socket = ours
        self._writer: asyncio.StreamWriter | None = None
        self._fresh = 0

    def _spawned(self, descriptor: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 (our own module)
            self._command(descriptor),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a panic may quote the document
            pass_fds=[descriptor],
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _ENVIRONMENT,
        )

    def _command(self, descriptor: int) -> list[str]:
        words = [descriptor, os.getpid(), self._limits.memory * 2, int(self.is_kept_free), self._folder.path]
        words += [] if self._stranger is None else [self._stranger]
        return [sys.executable, "-m", "processor.rendering.workers", *map(str, words)]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_spent(self) -> bool:
        """Whether another should take its place; not for what the very first documents left, or none would ever do."""
        is_large = self.documents >= _LEAST_DOCUMENTS and resident(self.pid) > self._limits.keeps
        return is_large or self.documents >= self._limits.documents

    async def start(self) -> None:
        """Wait until it is ready. Raises WorkerDied."""
        try:
            async with asyncio.timeout(START_TIMEOUT):
                self._reader, self._writer = await asyncio.open_unix_connection(
                    sock=self._socket, limit=_BUFFER
                )
                reply = await self._reply()
        except TimeoutError:
            raise WorkerDied("not ready in time") from None
        if not isinstance(reply, Ready):
            raise WorkerDied("not ready")
        self._fresh = resident(self.pid)

    async def answer(self, task: bytes, affinity: str = "", *, is_interactive: bool = False) -> Done:
        """What comes of the task, a frame. Raises RenderFailed (for the limits after it was killed), RenderTimedOut, or
        WorkerDied for what it did to itself. A worker that `is_broken` afterwards answers nothing any more."""
        self.documents += 1
        if affinity:
            self.recent.append(affinity)
        # What is remembered of other documents is not this one's.
        allowed = self._limits.memory + max(0, resident(self.pid) - self._fresh)
        exchange = asyncio.ensure_future(self._exchange(task))
        exchange.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            limit = self._limits.seconds
            seconds = min(limit, self._limits.interactive) if is_interactive else limit
            await self._watch(exchange, seconds=seconds, memory=allowed)
        finally:
            exchange.cancel()
        reply = exchange.result()
        if isinstance(reply, Failed):
            raise RenderFailed(reply.reason)
        if not isinstance(reply, Done):
            raise WorkerDied("out of turn")
        return reply

    async def _watch(
        self, exchange: "asyncio.Future[Ready | Done | Failed]", *, seconds: float, memory: int
    ) -> None:
        end = time.monotonic() + seconds
        while not exchange.done():
            left = end - time.monotonic()
            await asyncio.wait({exchange}, timeout=max(min(_LOOK_EVERY, left), 0))
            if exchange.done():
                return
            if resident(self.pid) > memory:
                self.kill()
                raise RenderFailed("The document takes more memory than one may.")
            if left <= 0:
                self.kill()
                raise RenderTimedOut(f"The document was not rendered within {seconds:g} s.")

    async def _exchange(self, task: bytes) -> Ready | Done | Failed:
        assert self._writer is not None  # noqa: S101 (it has started)
        try:
            self._writer.write(task)
            await self._writer.drain()
        except OSError as error:
            self.is_broken = True
            raise WorkerDied("gone") from error
        return await self._reply()

    async def _reply(self) -> Ready | Done | Failed:
        try:
            length = length_of(await self._reader.readexactly(LENGTH.size), largest=LARGEST_REPLY)
            return read_reply(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError) as error:
            self.is_broken = True
            raise WorkerDied("gone") from error
        except (FrameTooLarge, msgspec.MsgspecError) as error:
            self.kill()  # it does not speak our language any more
            raise WorkerDied("gibberish") from error

    @property
    def signal(self) -> int:
        """The signal that ended it, 0 if it has not ended by one."""
        return max(-(self._process.poll() or 0), 0)

    def kill(self) -> None:
        """End it at once, whatever it is at."""
        self.is_broken = True
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)

    async def end(self) -> None:
        """Let it end, or make it, and remove what it leaves behind."""
        self.is_broken = True
        if self._writer is None:
            self._socket.close()
        else:
            self._writer.close()
        try:
            await asyncio.to_thread(self._process.wait, _ENDING)
        except subprocess.TimeoutExpired:
            self.kill()
            await asyncio.to_thread(self._process.wait)
        await asyncio.to_thread(self._folder.remove)


def sweep() -> None:
    """Remove the folders of workers whose service was killed."""
    folders.sweep(_ROOT)
