"""What one document may take, of time above all: less where somebody waits for it."""

import pytest
from processor_standins.engine import Engine

from processor.rendering import Limits, Renderer, RenderTimedOut, Template, Wanted
from processor.rendering.documents import Document

HUGE = {"work": [{"name": f"Company {n}", "highlights": ["word " * 30] * 5} for n in range(300)]}


async def test_what_people_wait_for_has_less_time(classic: Template) -> None:
    renderer = Renderer(workers=1, limits=Limits(interactive=0.1))
    try:
        with pytest.raises(RenderTimedOut, match=r"within 0\.1 s"):
            await renderer.render(
                Wanted(classic, Document(HUGE, "en", ""), {}, "pdf"), priority="interactive"
            )
        assert (await Engine(renderer).made(classic, HUGE, {})).page_count > 10
    finally:
        await renderer.stop()
