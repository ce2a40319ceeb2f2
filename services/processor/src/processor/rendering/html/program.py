"""Where the browser is, and how it fails. Known without loading what drives it, which most processors never need."""

import os
import shutil
from collections import deque
from pathlib import Path
from typing import Protocol

from processor.rendering.errors import EngineUnavailable, RenderFailed

NAMES = ("chromium", "chromium-browser", "google-chrome")


class BrowserMissing(EngineUnavailable):
    """No browser is installed here: trying again later changes nothing."""

    def __init__(self) -> None:
        super().__init__("This template needs a browser, and none is installed here.", retry_after=3600)


class SandboxMissing(RenderFailed):
    """What strangers wrote is not printed by a browser that is not locked in; this system cannot lock it in."""

    def __init__(self) -> None:
        super().__init__(
            "Uploaded HTML templates need the sandbox of the browser, which this service does not have."
        )


class NotStarted(Exception):
    """The program does not start as a browser. The message is the first line of why."""


class Broken(Exception):
    """The browser, or its page, went away in the middle of a print."""


class Running(Protocol):
    """A browser that runs: what is asked of `chromium.Chromium`."""

    refused: deque[str]

    @property
    def connected(self) -> bool: ...

    async def print(self, html: str, *, seconds: float) -> bytes: ...

    def memory(self) -> int: ...

    def kill(self) -> None: ...

    def processes(self) -> list[int]: ...

    async def close(self) -> None: ...


def find_browser(setting: str = "") -> str | None:
    """The browser's program: what the setting names and nothing else; without one that on PATH, else Playwright's own."""
    if setting:
        return shutil.which(setting)
    return next(filter(None, map(shutil.which, NAMES)), None) or _of_playwright()


def _of_playwright() -> str | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None
