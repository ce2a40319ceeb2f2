"""The browser: started when needed, started again when it breaks, and never a reason for anything else to fail."""

import asyncio
import base64
import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import psutil
import pypdfium2
import pytest
from PIL import Image
from playwright._impl import transport
from processor_standins.engine import Engine

from common.testing.fixtures import eventually
from processor.rendering import (
    BrowserSettings,
    EngineUnavailable,
    Renderer,
    RenderFailed,
    RenderTimedOut,
    Template,
)
from processor.rendering.html.browser import Browser
from processor.rendering.html.program import BrowserMissing

PAGE = "<!doctype html><html lang=en><title>A page</title><p>Some words."
LONG = PAGE + "<p>word " * 1_500
SERVICE = """
import asyncio
from processor.rendering.html.browser import Browser
async def serve():
    browser = Browser()
    await browser.pdf("<p>Words")
    print("PIDS", *browser.running.processes(), flush=True)
    await asyncio.sleep(60)
asyncio.run(serve())
"""


def large() -> str:
    """A small page with a picture of a few KB that takes 320 MB to show."""
    buffer = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(buffer, "PNG")
    return f'{PAGE}<img src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}" style="opacity: .5">'


def is_pdf(made: bytes) -> bool:
    return made.startswith(b"%PDF-")


StartBrowser = Callable[..., AbstractAsyncContextManager[Browser]]


def kill(browser: Browser) -> None:
    assert browser.running
    browser.running.kill()


async def test_one_that_may_rest_is_closed_unless_it_prints_and_started_again(
    start_browser: StartBrowser,
) -> None:
    async with start_browser() as browser:
        printing = asyncio.create_task(browser.pdf(LONG))
        await eventually(lambda: asyncio.sleep(0, browser.running))
        browser.rest()
        assert is_pdf(await printing)
        assert browser.running
        browser.rest()
        assert not browser.running
        assert is_pdf(await browser.pdf(PAGE))


async def test_a_crash_costs_only_what_was_being_printed_and_that_is_tried_again(
    start_browser: StartBrowser,
) -> None:
    async with start_browser() as browser:
        await browser.pdf(PAGE)
        printing = [asyncio.create_task(browser.pdf(LONG, user=f"{n}")) for n in range(2)]
        await asyncio.sleep(0.3)
        kill(browser)
        assert all(map(is_pdf, await asyncio.gather(*printing)))
        assert is_pdf(await browser.pdf(PAGE))


async def test_a_page_that_hangs_is_given_up_and_sooner_if_somebody_waits(
    start_browser: StartBrowser,
) -> None:
    async with start_browser(timeout=1.0, interactive_timeout=0.3) as browser:
        await browser.warm_up()
        for priority, seconds in (("interactive", r"0\.3"), ("normal", "1")):
            with pytest.raises(RenderTimedOut, match=f"within {seconds} s"):
                await browser.pdf(LONG * 100, priority=priority)
        assert is_pdf(await browser.pdf(PAGE))


async def test_a_browser_runs_while_there_is_something_to_print_and_gives_way_after_so_many_documents(
    start_browser: StartBrowser,
) -> None:
    async with start_browser(most_documents=3, idle=0.3) as browser:
        assert browser.available
        assert browser.running is None
        await browser.pdf(PAGE)
        first = browser.running
        assert first is not None
        assert all(map(is_pdf, await asyncio.gather(*(browser.pdf(PAGE, user=f"{n}") for n in range(4)))))
        assert browser.running is not first

        async def is_closed() -> bool:
            return browser.running is None

        await eventually(is_closed)


async def test_a_browser_that_holds_too_much_memory_gives_way_to_another(
    start_browser: StartBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processor.rendering.html.browser._MEASURED_EVERY", 1)
    async with start_browser(most_memory=1 << 20) as browser:
        assert is_pdf(await browser.pdf(PAGE))
        assert browser.running is None


# SECURITY 25
async def test_a_document_that_takes_too_much_memory_ends_no_other(start_browser: StartBrowser) -> None:
    async with start_browser(memory=330 << 20, timeout=30) as browser:
        await browser.warm_up()
        blamed, other = asyncio.create_task(browser.pdf(large(), user="a")), browser.pdf(PAGE, user="b")
        assert is_pdf(await other)
        with pytest.raises(RenderFailed, match="more memory than one may"):
            await blamed
        assert is_pdf(await browser.pdf(PAGE))


# SECURITY 25
async def test_what_strangers_wrote_leaves_nothing_to_what_is_printed_next(
    start_browser: StartBrowser, pages_of: Callable[[bytes], list[str]]
) -> None:
    seen = PAGE + "<style>@page { size: 200px 100px }</style>"
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    async with start_browser(strangers=True) as browser:
        before = await browser.pdf(seen)
        await browser.pdf(
            f"<!doctype html><head>{policy}<meta http-equiv=refresh content='0;url=data:,Gone'></head>x"
        )
        after = await browser.pdf(seen)
    with pypdfium2.PdfDocument(before) as one, pypdfium2.PdfDocument(after) as other:
        assert one[0].get_size() == other[0].get_size()
    assert pages_of(before) == pages_of(after)


# SECURITY 25
async def test_what_strangers_wrote_needs_a_sandbox_in_production(
    start_browser: StartBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    async with start_browser(strangers=True, needs_sandbox=True) as browser:
        with pytest.raises(RenderFailed, match="need the sandbox"):
            await browser.pdf(PAGE)


async def test_a_program_that_is_no_browser_is_not_tried_all_the_time(start_browser: StartBrowser) -> None:
    async with start_browser(program="true") as browser:
        with pytest.raises(EngineUnavailable) as first:
            await browser.pdf(PAGE)
        assert not isinstance(first.value, BrowserMissing)
        started = asyncio.get_running_loop().time()
        with pytest.raises(EngineUnavailable) as second:
            await browser.pdf(PAGE)
        assert asyncio.get_running_loop().time() - started < 0.05
        assert second.value.retry_after >= 1


async def test_without_a_browser_only_html_templates_suffer(banner: Template, classic: Template) -> None:
    renderer = Renderer(workers=1, browser=BrowserSettings(program="/no/such/browser"))
    engine = Engine(renderer)
    try:
        assert not renderer.can_render(banner)
        assert renderer.can_render(classic)
        with pytest.raises(BrowserMissing, match="needs a browser, and none is installed here"):
            await engine.pdf(banner, banner.sample, {})
        assert is_pdf(await engine.pdf(classic, classic.sample, {}))
    finally:
        await renderer.stop()


# SECURITY 25
async def test_the_browser_has_no_network_no_files_no_script_and_no_secrets(
    start_browser: StartBrowser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pages_of: Callable[[bytes], list[str]],
) -> None:
    monkeypatch.setenv("RESUMAX_S3_SECRET_KEY", "a secret that stays here")
    secret = tmp_path / "secret.txt"
    secret.write_text("not to be seen")
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, start_browser() as browser:
        hostile = (
            f'<title>Calm</title><link rel=stylesheet href="{url}/a.css"><link rel=preconnect href="{url}">'
            f'<style>@import "{url}/b.css"; p {{ background: url({url}/c.png) }}</style><img src="{url}/d.png">'
            f'<iframe src="{secret.as_uri()}"></iframe><object data="{secret.as_uri()}"></object><embed src="{url}/e">'
            f"<script>document.title = 'Hacked'</script><script src='{url}/f.js'></script><p onclick=1>Words"
        )
        made = await browser.pdf(hostile)
        refused = browser.running.refused
        told = list(environments())
    assert asked == []
    assert {address.removeprefix(url) for address in refused} >= {"/a.css", "/b.css", "/c.png", "/d.png"}
    assert b"Calm" in made
    assert b"Hacked" not in made
    assert not any("not to be seen" in words for words in pages_of(made))
    assert any("FONTCONFIG_FILE" in environment for environment in told)
    assert not any("a secret" in value for environment in told for value in environment.values())


def test_who_starts_another_browser_here_is_not_concerned() -> None:
    told = transport.get_driver_env()  # type: ignore[attr-defined]
    assert told.items() >= os.environ.items()


def running(pids: Iterable[int]) -> Iterator[psutil.Process]:
    """Those that are still there: a browser has helpers that soon end by themselves."""
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)


def environments() -> Iterator[dict[str, str]]:
    """What each process beneath this one was told."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            yield process.environ()


@pytest.fixture
def killed() -> tuple[list[psutil.Process], list[Path]]:
    """What a service that was killed had running, and the folders it left."""
    service = subprocess.Popen([sys.executable, "-c", SERVICE], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    with service, service.stdout:
        told = next(line for line in service.stdout if line.startswith("PIDS"))
        started = list(running(map(int, told.split()[1:])))
        os.kill(service.pid, signal.SIGKILL)
    return started, list(Path(tempfile.gettempdir()).glob(f"resumax-browser-{service.pid}-*"))


async def test_no_browser_outlives_a_service_that_was_killed(
    killed: tuple[list[psutil.Process], list[Path]], start_browser: StartBrowser
) -> None:
    started, left = killed
    assert len(started) > 2
    _, alive = psutil.wait_procs(started, timeout=5)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert len(left) == 1
    async with start_browser() as browser:
        await browser.warm_up()
    assert not left[0].exists()
