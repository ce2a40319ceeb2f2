"""How many PDFs a second the processor makes on this machine, how long one takes, and what that leaves in memory."""

import asyncio
import time
from itertools import count
from statistics import quantiles
from typing import Any

import psutil
import pytest

from processor.rendering import Renderer, Wanted, load_builtin, samples
from processor.rendering.documents import Document

WORKERS = 2
AT_ONCE = 4
MOST_MEMORY = 200
"""MB that a worker may hold, whatever it has rendered."""
_numbers = count()


def document(pages: int) -> Document:
    """A made-up resume of so many pages or fewer, that was never rendered before."""
    sample = samples.read("short" if pages == 1 else "long")
    content: dict[str, Any] = dict(sample.content)
    if pages == 2:
        content = {name: content[name] for name in list(content)[: len(content) // 2 + 1]}
    content["basics"] = content["basics"] | {"label": f"Engineer {next(_numbers)}"}
    return Document(content, sample.language, sample.title, sample.sections)


async def render(renderer: Renderer, pages: int) -> tuple[float, int]:
    """Seconds that a PDF took, waiting included, and how many pages it has."""
    wanted = Wanted(load_builtin()["classic", 2], document(pages), {}, "pdf")
    started = time.perf_counter()
    made = await renderer.render(wanted, priority="interactive")
    return time.perf_counter() - started, made.page_count


async def many(renderer: Renderer, pages: int, documents: int) -> tuple[list[tuple[float, int]], float]:
    """So many PDFs, `AT_ONCE` at a time, and the seconds that all took."""
    left = iter(range(documents))
    made: list[tuple[float, int]] = []

    async def work() -> None:
        for _ in left:
            made.append(await render(renderer, pages))

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return made, time.perf_counter() - started


@pytest.fixture
async def renderer() -> Any:
    renderer = Renderer(workers=WORKERS)
    await many(renderer, 1, 20)
    yield renderer
    await renderer.stop()


async def test_pdfs_a_second(renderer: Renderer) -> None:
    print()
    for name, pages, documents in (("short", 1, 400), ("medium", 2, 200), ("long", 4, 120)):
        made, seconds = await many(renderer, pages, documents)
        steps = quantiles([took for took, _ in made], n=20)
        print(
            f"{name}, {made[0][1]} pages: {documents / seconds:.0f} PDFs/s with {WORKERS} workers; "
            f"p50 {steps[9] * 1000:.0f} ms, p95 {steps[18] * 1000:.0f} ms with {AT_ONCE} waiting at a time"
        )


async def test_memory_is_flat_after_5000_documents(renderer: Renderer) -> None:
    sizes = []
    for _ in range(5):
        await many(renderer, 1, 1000)
        sizes.append([psutil.Process(pid).memory_info().rss >> 20 for pid in renderer.pids])
    print("\nMB of each worker after every 1,000 documents: " + ", ".join(map(str, sizes)))
    print(f"MB of the process that they work for: {psutil.Process().memory_info().rss >> 20}")
    assert max(map(max, sizes)) <= MOST_MEMORY
