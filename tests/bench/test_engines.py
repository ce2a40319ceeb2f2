"""Typst against Chromium: the same resume of three pages, from the same outline, two at a time.

Printing HTML is what most resume builders do, though few with a browser that is warm, has its fonts at hand and keeps its
pages, as ours does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from processor.rendering import Renderer, Template, Wanted, load_builtin
from processor.rendering.documents import Document
from tests.e2e.documents import FULL

AT_A_TIME = 2
SECONDS = 6.0


@pytest_asyncio.fixture
async def renderer() -> AsyncIterator[Renderer]:
    renderer = Renderer(workers=AT_A_TIME)
    yield renderer
    await renderer.stop()


async def test_typst_against_chromium(renderer: Renderer) -> None:
    templates = load_builtin()
    typst, html = templates["classic", 2], templates["timeline", 1]
    if not renderer.can_render(html):
        pytest.fail("no browser is installed here")
    typst_rate, typst_pages = await _rate(renderer, typst)
    html_rate, html_pages = await _rate(renderer, html)
    print(
        f"\nPDFs a second, {AT_A_TIME} at a time: Typst {typst_rate:.1f} ({typst_pages} pages), "
        f"Chromium {html_rate:.1f} ({html_pages} pages): {typst_rate / html_rate:.1f} times as many"
    )
    assert typst_pages == html_pages == 3
    assert typst_rate > 2 * html_rate


async def _rate(renderer: Renderer, template: Template) -> tuple[float, int]:
    """How many documents a second, and of how many pages, once all is warm."""
    contents = _contents()

    async def render() -> int:
        wanted = Wanted(template, Document(next(contents), "en", "Resume"), {"size": 9.5}, "pdf")
        return (await renderer.render(wanted)).page_count

    async def render_for(seconds: float) -> tuple[int, int]:
        done, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            pages = await render()
            done += 1
        return done, pages

    await asyncio.gather(*(render_for(1) for _ in range(AT_A_TIME)))
    started = time.perf_counter()
    counts = await asyncio.gather(*(render_for(SECONDS) for _ in range(AT_A_TIME)))
    return sum(done for done, _ in counts) / (time.perf_counter() - started), counts[0][1]


def _contents() -> Iterator[dict[str, Any]]:
    """Resumes of three pages, each with another headline and other words in each job."""
    number = 0
    while True:
        number += 1
        jobs = [
            job | {"highlights": [*job.get("highlights", ()), f"Said so {number} times in {place} places"]}
            for place in range(5)
            for job in FULL["work"]
        ]
        yield FULL | {"basics": FULL["basics"] | {"label": f"Engineer {number}"}, "work": jobs}
