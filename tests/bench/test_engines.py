"""Typst against Chromium on the same content: printing HTML is what most resume builders do."""

import html
import shutil
import time
from statistics import median
from typing import Any

import pytest

from processor.rendering import Renderer, Wanted, load_builtin
from processor.rendering.documents import Document
from tests.e2e.documents import FULL

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


async def test_typst_against_chromium(request: pytest.FixtureRequest) -> None:
    if CHROMIUM is None:
        print("\nTypst against Chromium: no browser here")
        return
    typst = await _typst()
    chromium = await _chromium(CHROMIUM)
    print(
        f"\nTypst / Chromium on the same content, warm: {typst:.1f} ms / {chromium:.1f} ms = {typst / chromium:.2f}"
    )
    assert typst < chromium


async def _typst() -> float:
    renderer = Renderer(workers=1)
    template = load_builtin()["classic", 1]
    took = []
    for n in range(22):
        content = {**FULL, "basics": {**FULL["basics"], "label": f"Engineer {n}"}}
        started = time.perf_counter()
        await renderer.render(Wanted(template, Document(content, "en", "Resume"), {}, "pdf"))
        took.append(time.perf_counter() - started)
    await renderer.stop()
    return median(took[2:]) * 1000


async def _chromium(path: str) -> float:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await (await browser.new_context(java_script_enabled=False, offline=True)).new_page()
        took = []
        for n in range(12):
            started = time.perf_counter()
            await page.set_content(_html({**FULL, "n": n}))
            await page.pdf(format="A4")
            took.append(time.perf_counter() - started)
        await browser.close()
    return median(took[2:]) * 1000


def _html(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "<dl>"
            + "".join(f"<dt>{html.escape(k)}</dt><dd>{_html(v)}</dd>" for k, v in value.items())
            + "</dl>"
        )
    if isinstance(value, list):
        return "<ul>" + "".join(f"<li>{_html(v)}</li>" for v in value) + "</ul>"
    return html.escape(str(value))
