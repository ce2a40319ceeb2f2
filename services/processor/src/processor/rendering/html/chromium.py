"""One Chromium: started so that nothing gets in or out, printing pages, and ended.

It runs no script, has no network, sees no file of the machine but the bundled fonts, and is told nothing of this service's
environment, nor is what drives it (SECURITY 25). Both live in a folder of their own, which goes with them; when the service
is killed, they see the pipes to them closed and go as well, and the next browser of any service removes the folder.
"""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Awaitable, Coroutine
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import psutil
import structlog
from playwright._impl import transport
from playwright.async_api import Browser, Error, Page, Playwright, Route, async_playwright

from processor.rendering.errors import RenderTimedOut
from processor.rendering.folders import OwnFolder, sweep
from processor.rendering.html import tree
from processor.rendering.html.fonts import write_configuration
from processor.rendering.html.program import Broken, NotStarted, SandboxMissing

log = structlog.get_logger()

_FOLDER = "resumax-browser-"
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-crash-reporter",
    "--font-render-hinting=none",  # else letters stand on whole pixels, unevenly
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_NO_SANDBOX_HERE = ("No usable sandbox", "crbug.com/357670", "crbug.com/638180")
_LAUNCH_SECONDS, _CLOSE_SECONDS = 20.0, 3.0
_MOST_REFUSED = 100
_home: ContextVar[Path] = ContextVar("home")
"""Where the browser that is being started may write."""


_everything = transport.get_driver_env  # type: ignore[attr-defined]


def _environment() -> dict[str, str]:
    """All that a browser of ours and its driver are told: no secret of this service is among it. Who starts another
    browser in this process, as tests do, is not concerned.
    """
    home = _home.get(None)
    if home is None:
        return dict(_everything())
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


# The driver would get the whole environment of this process; there is no other way to tell it less.
transport.get_driver_env = _environment  # type: ignore[attr-defined]


class Chromium:
    """A running browser. Made by `start`; of no use once it is not `connected`, and then still to be closed."""

    def __init__(self, driver: Playwright, browser: Browser, folder: OwnFolder, *, keeps_pages: bool) -> None:
        self._driver, self._browser, self._folder = driver, browser, folder
        self._root = _root(folder.path)
        self._keeps_pages = keeps_pages
        self._free: list[Page] = []
        self._beside: set[asyncio.Task[Any]] = set()
        self._hangs = False
        self.refused: deque[str] = deque(maxlen=_MOST_REFUSED)

    @classmethod
    async def start(
        cls, program: str, *, keeps_pages: bool = False, needs_sandbox: bool = False
    ) -> "Chromium":
        """One that `keeps_pages` prints one document after the other in the same page, which is twice as quick: for
        templates that are known to leave nothing behind.

        Raises NotStarted, or SandboxMissing if it `needs_sandbox`.
        """
        sweep(_FOLDER)
        folder = OwnFolder(_FOLDER)
        _home.set(folder.path)
        driver = None
        try:
            driver = await async_playwright().start()
            browser = await _launch(driver, program, folder.path, needs_sandbox=needs_sandbox)
            return cls(driver, browser, folder, keeps_pages=keeps_pages)
        except BaseException as error:
            if driver is not None:
                await _ends(driver.stop())
            folder.remove()
            if isinstance(error, Error | OSError):
                raise NotStarted(str(error).partition("\n")[0]) from error
            raise

    @property
    def connected(self) -> bool:
        return self._browser.is_connected() and not self._hangs

    async def print(self, html: str, *, seconds: float) -> bytes:
        """The page as a tagged PDF. Raises RenderTimedOut, or Broken."""
        page = None
        try:
            async with asyncio.timeout(seconds):
                page = self._free.pop() if self._free else await self._new_page()
                await page.set_content(html, timeout=0)
                pdf = await page.pdf(
                    prefer_css_page_size=True, print_background=True, tagged=True, outline=True
                )
        except TimeoutError:
            await self._abandon(page)
            raise RenderTimedOut(f"The page was not printed within {seconds:g} s.") from None
        except Error as error:
            await self._abandon(page)
            raise Broken from error
        except asyncio.CancelledError:
            self._later(self._abandon(page))
            raise
        if self._keeps_pages:
            self._free.append(page)
        else:
            self._later(self._abandon(page))
        return pdf

    def memory(self) -> int:
        """What all its processes hold, in bytes."""
        return tree.memory_of(self._root)

    def processes(self) -> list[int]:
        """The browser and all that it has started, by their ids."""
        return tree.processes_of(self._root)

    def kill(self) -> None:
        """End it at once, whatever it is doing. It is still to be closed."""
        tree.kill(self._root)

    async def close(self) -> None:
        """End it; by force if it does not go."""
        if not await _ends(self._browser.close()):
            self.kill()
        await _ends(self._driver.stop())
        await asyncio.gather(*self._beside, return_exceptions=True)
        await asyncio.to_thread(self._folder.remove)

    async def _new_page(self) -> Page:
        """A page with a renderer of its own, from which no request goes out; their addresses are kept in `refused`."""
        context = await self._browser.new_context(
            java_script_enabled=False,
            offline=True,
            service_workers="block",
            accept_downloads=False,
            locale="en",
        )
        await context.route("**/*", self._refuse)
        return await context.new_page()

    async def _refuse(self, route: Route) -> None:
        self.refused.append(route.request.url)
        with contextlib.suppress(Error):
            await route.abort("blockedbyclient")

    async def _abandon(self, page: Page | None) -> None:
        """Close a page that failed; where that is not possible, nothing more can be done with the whole browser."""
        self._hangs = page is None or not await _ends(page.context.close()) or self._hangs

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _root(folder: Path) -> int:
    """The id of the process that was started for the folder, 0 if it has gone already."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(str(folder) in word for word in process.cmdline()):
                return process.pid
    return 0


async def _launch(driver: Playwright, program: str, folder: Path, *, needs_sandbox: bool) -> Browser:
    async def launch(*, sandbox: bool) -> Browser:
        return await driver.chromium.launch(
            executable_path=program,
            args=[*_ARGUMENTS, f"--crash-dumps-dir={folder}"],
            chromium_sandbox=sandbox,
            env={**_environment(), "FONTCONFIG_FILE": str(write_configuration(folder))},
            timeout=_LAUNCH_SECONDS * 1000,
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )

    if os.geteuid() == 0 and needs_sandbox:
        raise SandboxMissing
    if os.geteuid() == 0:
        log.warning("browser_without_sandbox", reason="the service runs as root")
        return await launch(sandbox=False)
    try:
        return await launch(sandbox=True)
    except Error as error:
        if not any(sign in error.message for sign in _NO_SANDBOX_HERE):
            raise
    if needs_sandbox:
        raise SandboxMissing
    log.warning("browser_without_sandbox", reason="the system has none")
    return await launch(sandbox=False)


async def _ends(closing: Awaitable[object]) -> bool:
    """Whether it did so in time."""
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await closing
    except (Error, TimeoutError, OSError):
        return False
    return True
