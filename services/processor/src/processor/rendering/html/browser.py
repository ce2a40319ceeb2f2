"""Chromium as an engine: one for the service, started when somebody needs it, started again when it breaks.

A crash costs only what was being printed then, and that is tried once more; a hang costs the document that hangs. Chromium
takes some 200 MB, so one that nobody has used for a while is closed.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
import structlog

from processor.rendering.errors import EngineUnavailable, RenderFailed
from processor.rendering.html.program import Broken, BrowserMissing, NotStarted, Running, find_browser

log = structlog.get_logger()

_TRIES = 2
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_MEASURED_EVERY = 20


class BrowserSettings(msgspec.Struct, frozen=True):
    """`program` is the browser's, empty to search for one; times are in seconds, memory in bytes.

    `timeout` is for one print and counts from when its turn came, `most_documents` and `most_memory` are what a browser may
    have printed or hold before another takes its place, `idle` how long one is kept without work.
    """

    program: str = ""
    pages: int = 2
    timeout: float = 15.0
    most_documents: int = 500
    most_memory: int = 900 << 20
    idle: float = 600.0


class _Shift:
    """One Chromium while it is on duty: how many documents it has printed, and how many it prints now."""

    def __init__(self, chromium: Running) -> None:
        self.chromium = chromium
        self.printed = self.printing = 0
        self.ended = False


class Browser:
    """Prints pages. Safe to use from many tasks at once; `settings.pages` are printed at a time."""

    def __init__(self, settings: BrowserSettings | None = None) -> None:
        self._settings = settings or BrowserSettings()
        self._program = find_browser(self._settings.program)
        self._version: str | None = None
        self._turns = asyncio.Semaphore(self._settings.pages)
        self._starting = asyncio.Lock()
        self._shift: _Shift | None = None
        self._failures, self._not_before = 0, 0.0
        self._idle: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def available(self) -> bool:
        """Whether there is a browser, started or not."""
        return self._program is not None

    @property
    def running(self) -> Running | None:
        """The browser that is on duty, if one is."""
        shift = self._shift
        return shift.chromium if shift is not None and shift.chromium.connected else None

    async def version(self) -> str:
        """What the program says of itself; empty where there is none. Asked once: a service outlives no upgrade."""
        if self._version is None and self._program is not None:
            asked = await asyncio.create_subprocess_exec(
                self._program, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            said, _ = await asked.communicate()
            self._version = said.decode(errors="replace").strip()
        return self._version or ""

    async def warm_up(self) -> None:
        """Start the browser if it does not run. Raises EngineUnavailable."""
        self._sleep_later(await self._on_duty())

    async def pdf(self, html: str) -> bytes:
        """A whole page of HTML, as the browser prints it. Raises EngineUnavailable, RenderFailed, RenderTimedOut."""
        async with self._turns:
            for left in reversed(range(_TRIES)):
                try:
                    return await self._print(html)
                except Broken:
                    log.warning("browser_broke", tries_left=left)
        raise RenderFailed("The browser broke twice over this document.")

    async def close(self) -> None:
        """End the browser; what is being printed fails."""
        self._closed = True
        if self._shift is not None:
            self._end(self._shift)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _print(self, html: str) -> bytes:
        shift = await self._on_duty()
        shift.printing += 1
        try:
            pdf = await shift.chromium.print(html, seconds=self._settings.timeout)
            self._failures = 0
        finally:
            shift.printing -= 1
            shift.printed += 1
            await self._after_work(shift)
        return pdf

    async def _after_work(self, shift: _Shift) -> None:
        if not shift.chromium.connected:
            self._end(shift)
        elif shift is self._shift and await self._is_worn(shift):
            self._relieve(shift)
        if shift.printing:
            return
        if shift is self._shift:
            self._sleep_later(shift)
        else:
            self._end(shift)

    async def _is_worn(self, shift: _Shift) -> bool:
        if shift.printed >= self._settings.most_documents:
            return True
        if shift.printed % _MEASURED_EVERY:
            return False
        return await asyncio.to_thread(shift.chromium.memory) > self._settings.most_memory

    async def _on_duty(self) -> _Shift:
        """The browser that prints, started if there is none."""
        if self._program is None:
            raise BrowserMissing
        async with self._starting:
            if self._shift is not None and not self._shift.chromium.connected:
                self._end(self._shift)
            if self._closed:
                raise EngineUnavailable("The browser is closed.")
            if self._shift is None:
                self._shift = _Shift(await self._start(self._program))
            return self._shift

    async def _start(self, program: str) -> Running:
        """Start it, unless it has just failed: each failure in a row doubles the time that nothing is tried."""
        if (wait := self._not_before - time.monotonic()) > 0:
            raise EngineUnavailable("The browser of this service does not start.", retry_after=int(wait) + 1)
        # Loaded now, because the workers import this package as well, and never need what drives browsers.
        from processor.rendering.html.chromium import Chromium

        started = time.monotonic()
        try:
            chromium = await Chromium.start(program)
        except NotStarted as error:
            self._failures += 1
            delay = min(_FIRST_DELAY * 2 ** (self._failures - 1), _LONGEST_DELAY)
            self._not_before = time.monotonic() + delay
            log.warning("browser_not_started", reason=str(error), again_in=delay)
            raise EngineUnavailable("The browser of this service does not start.") from error
        log.info("browser_started", seconds=round(time.monotonic() - started, 2))
        return chromium

    def _relieve(self, shift: _Shift) -> None:
        """Give it nothing more to do; another will be started for that."""
        if shift is self._shift:
            self._shift = None

    def _end(self, shift: _Shift) -> None:
        """Close it, whatever it is doing."""
        self._relieve(shift)
        if not shift.ended:
            shift.ended = True
            self._beside(shift.chromium.close())

    def _sleep_later(self, shift: _Shift) -> None:
        """Close it when nothing was printed for long."""
        if self._idle is not None:
            self._idle.cancel()
        printed = shift.printed

        def sleep() -> None:
            if not shift.printing and shift.printed == printed and not shift.ended:
                log.info("browser_closed", reason="idle")
                self._end(shift)

        self._idle = asyncio.get_running_loop().call_later(self._settings.idle, sleep)

    def _beside(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
