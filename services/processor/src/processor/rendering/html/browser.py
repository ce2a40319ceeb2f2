"""Chromium as an engine: one for the service, started when somebody needs it, started again when it breaks.

A crash costs only what was being printed then, and that is tried once more, with nothing beside it; a hang, or too much
memory, costs the document that is to blame. Chromium takes some 200 MB, so one that nobody has used for a while is closed.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
import structlog

from common.contracts.jobs import Priority
from processor.rendering.errors import EngineUnavailable, RenderFailed
from processor.rendering.html.program import (
    Broken,
    BrowserMissing,
    NotStarted,
    Running,
    find_browser,
)
from processor.rendering.turns import FairTurns

log = structlog.get_logger()

_EACH, _MOST, _LONGEST_WAIT = 32, 64, 20.0
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_MEASURED_EVERY = 20
_LOOK_EVERY = 0.1
"""Seconds between looks at the memory while something is printed."""
MOST_HTML = 2 << 20
"""Characters that a page may have, pictures aside: many times what the longest resume has."""


class BrowserSettings(msgspec.Struct, frozen=True):
    """`program` is the browser's, empty to search for one; times are in seconds, memory in bytes.

    `timeout` is for one print and counts from when its turn came, `interactive_timeout` for one that somebody waits for;
    `memory` is what the browser may hold while it prints. `most_documents` and `most_memory` are what it may have printed or
    hold before another takes its place, `idle` how long one is kept without work.

    One for `strangers` prints what nobody here knows, each document as if it was the first; with `needs_sandbox` not
    without the browser's own.
    """

    program: str = ""
    pages: int = 2
    timeout: float = 15.0
    interactive_timeout: float = 5.0
    memory: int = 700 << 20
    most_documents: int = 500
    most_memory: int = 450 << 20
    idle: float = 600.0
    strangers: bool = False
    needs_sandbox: bool = False


class _Shift:
    """One Chromium while it is on duty: how many documents it has printed, and how many it prints now."""

    def __init__(self, chromium: Running) -> None:
        self.chromium = chromium
        self.printed = self.printing = 0
        self.ended = False
        self.watch: asyncio.Task[Any] | None = None
        self.is_to_blame = False
        """Whether it was killed for what the only document held that it printed then."""


class Browser:
    """Prints pages. Safe to use from many tasks at once; `settings.pages` are printed at a time."""

    def __init__(self, settings: BrowserSettings | None = None) -> None:
        self._settings = settings or BrowserSettings()
        self._program = find_browser(self._settings.program)
        self._version: str | None = None
        self._turns = FairTurns(slots=self._settings.pages, each=_EACH, most=_MOST, longest=_LONGEST_WAIT)
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

    async def pdf(self, html: str, *, priority: Priority = "normal", user: str = "") -> bytes:
        """A whole page of HTML, as the browser prints it: what people wait for first, and `user` after user.

        Raises EngineUnavailable, RenderFailed, RenderTimedOut.
        """
        is_waited_for = priority == "interactive"
        seconds = min(
            self._settings.timeout, self._settings.interactive_timeout if is_waited_for else float("inf")
        )
        for is_again in (False, True):
            async with self._turns.turn(user, priority=priority, alone=is_again):
                try:
                    return await self._print(html, seconds)
                except Broken:
                    log.warning("browser_broke", is_again=is_again)
        raise RenderFailed("The browser broke twice over this document.")

    def rest(self) -> None:
        """Close the browser unless it prints: whoever has used it knows of nothing more. It is started for what comes."""
        if self._shift is not None:
            self._sleep(self._shift)

    async def close(self) -> None:
        """End the browser; what is being printed fails."""
        self._closed = True
        if self._shift is not None:
            self._end(self._shift)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _print(self, html: str, seconds: float) -> bytes:
        shift = await self._on_duty()
        shift.printing += 1
        if shift.watch is None or shift.watch.done():
            shift.watch = self._beside(self._watch(shift))
        try:
            pdf = await shift.chromium.print(html, seconds=seconds)
            self._failures = 0
        except Broken:
            if shift.is_to_blame:
                raise RenderFailed("The document takes more memory than one may.") from None
            raise
        finally:
            shift.printing -= 1
            shift.printed += 1
            self._after_work(shift)
        return pdf

    async def _watch(self, shift: _Shift) -> None:
        """Kill it when it takes too much memory. Of several documents any may be to blame; they are tried again alone."""
        while shift.printing and shift.chromium.connected:
            if shift.chromium.memory() > self._settings.memory:
                log.warning("browser_killed", printing=shift.printing)
                shift.is_to_blame = shift.printing == 1
                shift.chromium.kill()
                return
            await asyncio.sleep(_LOOK_EVERY)

    def _after_work(self, shift: _Shift) -> None:
        if not shift.chromium.connected:
            self._end(shift)
        elif shift is self._shift and self._is_worn(shift):
            self._relieve(shift)
        if shift.printing:
            return
        if shift is self._shift:
            self._sleep_later(shift)
        else:
            self._end(shift)

    def _is_worn(self, shift: _Shift) -> bool:
        if shift.printed >= self._settings.most_documents:
            return True
        if shift.printed % _MEASURED_EVERY:
            return False
        return shift.chromium.memory() > self._settings.most_memory

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
            chromium = await Chromium.start(
                program,
                keeps_pages=not self._settings.strangers,
                needs_sandbox=self._settings.needs_sandbox,
            )
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
            if shift.printed == printed:
                self._sleep(shift)

        self._idle = asyncio.get_running_loop().call_later(self._settings.idle, sleep)

    def _sleep(self, shift: _Shift) -> None:
        if not shift.printing and not shift.ended:
            log.info("browser_closed", reason="idle")
            self._end(shift)

    def _beside(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task
