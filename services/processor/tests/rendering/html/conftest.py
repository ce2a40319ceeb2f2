"""What the tests of HTML templates share: each template, and a browser of one's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import psutil
import pytest

from processor.rendering import BrowserSettings, Template, load_builtin
from processor.rendering.html.browser import Browser

StartBrowser = Callable[..., AbstractAsyncContextManager[Browser]]


@pytest.fixture(scope="session", params=["banner", "portfolio", "timeline"])
def html_template(request: pytest.FixtureRequest) -> Template:
    return load_builtin()[request.param, 1]


@pytest.fixture(scope="session")
def banner() -> Template:
    return load_builtin()["banner", 1]


@pytest.fixture(scope="session")
def start_browser() -> StartBrowser:
    """`async with start_browser(idle=1)`: one that is gone without a trace afterwards."""

    @asynccontextmanager
    async def start(**settings: Any) -> AsyncIterator[Browser]:
        browser = Browser(BrowserSettings(**settings))
        before = {process.pid for process in psutil.Process().children(recursive=True)}
        try:
            yield browser
        finally:
            await browser.close()
        after = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        assert [process for process in after if "chrom" in process.name()] == []

    return start
