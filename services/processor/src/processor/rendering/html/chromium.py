"""One Chromium: started so that nothing gets in or out, printing pages, and ended.

It runs no script, has no network, sees no file of the machine but the bundled fonts, and is told nothing of this service's
environment (SECURITY 25). It lives in a folder of its own, which goes with it; when the service is killed, it sees the pipes
to it closed and goes as well.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Awaitable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import structlog
from playwright.async_api import Browser, Error, Page, Playwright, Route, async_playwright

from processor.rendering.errors import RenderTimedOut
from processor.rendering.html.fonts import write_configuration
from processor.rendering.html.program import Broken, NotStarted

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


class Chromium:
    """A running browser. Made by `start`; of no use once it is not `connected`, and then still to be closed."""

    def __init__(self, driver: Playwright, browser: Browser, folder: Path) -> None:
        self._driver, self._browser, self._folder = driver, browser, folder
        self._free: list[Page] = []
        self._beside: set[asyncio.Task[Any]] = set()
        self._hangs = False
        self.refused: list[str] = []

    @classmethod
    async def start(cls, program: str) -> "Chromium":
        """Raises NotStarted."""
        await asyncio.to_thread(_sweep)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f"{_FOLDER}{os.getpid()}-"))
        driver = None
        try:
            driver = await async_playwright().start()
            return cls(driver, await _launch(driver, program, folder), folder)
        except BaseException as error:
            if driver is not None:
                await _ends(driver.stop())
            shutil.rmtree(folder, ignore_errors=True)
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
        self._free.append(page)
        return pdf

    def memory(self) -> int:
        """What all its processes hold, in bytes; what they share is counted once."""
        total = 0
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss
        return total

    def processes(self) -> list[psutil.Process]:
        """The browser and all that it has started."""
        found: list[psutil.Process] = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any(str(self._folder) in word for word in process.cmdline()):
                    found += [process, *process.children(recursive=True)]
        return list(dict.fromkeys(found))

    async def close(self) -> None:
        """End it; by force if it does not go."""
        await _ends(self._browser.close())
        for process in await asyncio.to_thread(self.processes):
            with contextlib.suppress(psutil.Error):
                process.kill()
        await _ends(self._driver.stop())
        await asyncio.gather(*self._beside, return_exceptions=True)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

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


def _sweep() -> None:
    """Remove the folders of browsers whose service was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


async def _launch(driver: Playwright, program: str, folder: Path) -> Browser:
    async def launch(*, sandbox: bool) -> Browser:
        return await driver.chromium.launch(
            executable_path=program,
            args=[*_ARGUMENTS, f"--crash-dumps-dir={folder}"],
            chromium_sandbox=sandbox,
            env=_environment(folder),
            timeout=_LAUNCH_SECONDS * 1000,
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )

    if os.geteuid() == 0:
        log.warning("browser_without_sandbox", reason="the service runs as root")
        return await launch(sandbox=False)
    try:
        return await launch(sandbox=True)
    except Error as error:
        if not any(sign in error.message for sign in _NO_SANDBOX_HERE):
            raise
    log.warning("browser_without_sandbox", reason="the system has none")
    return await launch(sandbox=False)


def _environment(folder: Path) -> dict[str, str | float | bool]:
    """All that the browser is told: no secret of this service is among it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FONTCONFIG_FILE": str(write_configuration(folder)),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


async def _ends(closing: Awaitable[object]) -> bool:
    """Whether it did so in time."""
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await closing
    except (Error, TimeoutError, OSError):
        return False
    return True
