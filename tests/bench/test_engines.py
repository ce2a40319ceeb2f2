"""Typst against Chromium: the same resume of three pages, from the same outline, two at a time, in turns of the same run.

Printing HTML is what most resume builders do. Chromium is measured twice, warm and with its fonts at hand both times: with a
context for each document, so that none knows of another, as none does with Typst; and with pages that are kept from one
document to the next, as ours does for the templates that it knows.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from processor.rendering import BrowserSettings, Renderer, Template, Wanted, load_builtin
from processor.rendering.documents import Document
from tests.e2e.documents import FULL

AT_A_TIME = 2
ROUNDS, SECONDS = 4, 2.0
TYPST, HTML = load_builtin()["classic", 2], load_builtin()["timeline", 1]


class Contender(msgspec.Struct):
    """Who renders with what, and what came of it."""

    name: str
    renderer: Renderer
    template: Template
    made: int = 0
    seconds: float = 0
    pages: int = 0

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.made / self.seconds

    async def render_for(self, seconds: float) -> int:
        """How many documents are made by each that asks, one after the other."""

        async def ask(user: str) -> int:
            made, end = 0, time.perf_counter() + seconds
            while time.perf_counter() < end:
                document = Document(next(CONTENTS), "en", "Resume")
                wanted = Wanted(self.template, document, {"size": 9.5}, "pdf")
                self.pages = (await self.renderer.render(wanted, user=user)).page_count
                made += 1
            return made

        return sum(await asyncio.gather(*map(ask, map(str, range(AT_A_TIME)))))

    async def take_turn(self) -> None:
        started = time.perf_counter()
        self.made += await self.render_for(SECONDS)
        self.seconds += time.perf_counter() - started


@pytest_asyncio.fixture
async def contenders() -> AsyncIterator[list[Contender]]:
    workers = AT_A_TIME + 1  # one of them is kept free for what people wait for
    kept = Renderer(workers=workers, browser=BrowserSettings(pages=AT_A_TIME))
    apart = Renderer(workers=workers, browser=BrowserSettings(pages=AT_A_TIME, strangers=True))
    yield [
        Contender("Typst", kept, TYPST),
        Contender("Chromium", apart, HTML),
        Contender("Chromium with pages that are kept", kept, HTML),
    ]
    await kept.stop()
    await apart.stop()


async def test_typst_against_chromium(contenders: list[Contender]) -> None:
    typst, chromium, kept = contenders
    if not kept.renderer.can_render(HTML):
        pytest.fail("no browser is installed here")
    for contender in contenders:
        await contender.render_for(1)
    for _ in range(ROUNDS):
        for contender in contenders:
            await contender.take_turn()
    print(f"\nPDFs of {typst.pages} pages a second, {AT_A_TIME} at a time:")
    for contender in contenders:
        print(
            f"{contender.name}: {contender.rate:.1f}; Typst makes {typst.rate / contender.rate:.1f} times as many"
        )
    assert {contender.pages for contender in contenders} == {3}
    assert typst.rate >= 8 * chromium.rate
    assert typst.rate >= 3 * kept.rate


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


CONTENTS = _contents()
