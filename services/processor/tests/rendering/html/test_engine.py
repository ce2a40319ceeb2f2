"""HTML templates from end to end, where somebody stops waiting."""

import asyncio
import contextlib

from processor_standins.engine import Engine

from common.testing.fixtures import eventually
from processor.rendering import Template

LONG = {"work": [{"name": f"Company {n}", "highlights": ["word " * 30] * 3} for n in range(20)]}


async def test_nothing_is_printed_for_somebody_who_has_gone(engine: Engine, banner: Template) -> None:
    """Not one of the many prints that fitting a document to its pages takes."""
    await engine.made(banner, {}, {})
    browser = engine.renderer.browser

    def printed() -> int:
        assert browser._shift is not None
        return browser._shift.printed

    before = printed()
    fitting = asyncio.create_task(engine.made(banner, LONG, {"fit": 4}))

    async def has_begun() -> bool:
        return printed() > before

    await eventually(has_begun)
    fitting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fitting
    stopped = printed()
    await asyncio.sleep(0.7)
    assert printed() <= stopped + 1  # the one that was going on
    assert not fitting.done() or fitting.cancelled()
