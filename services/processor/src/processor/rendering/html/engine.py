"""HTML templates from end to end: a worker writes the page, the browser prints it, a worker finishes what was printed."""

import asyncio
from typing import Protocol

import msgspec

from common.contracts.documents import RenderWarning
from common.contracts.jobs import Priority
from processor.rendering import preflight
from processor.rendering.errors import RenderFailed
from processor.rendering.fitting import fit
from processor.rendering.html.browser import Browser
from processor.rendering.html.finish import page_count
from processor.rendering.workers.protocol import Done, Draft, Pages, Printed, Task


class Run(Protocol):
    """Has a worker do a task, as `Pool.run` does."""

    async def __call__(self, task: Task, *, priority: Priority = "normal", affinity: str = "") -> Done: ...


class HtmlEngine:
    """Renders with HTML templates, with the workers that `run` asks and a browser."""

    def __init__(self, browser: Browser, run: Run) -> None:
        self._browser, self._run = browser, run

    async def render(self, task: Pages, *, priority: Priority = "normal", affinity: str = "") -> Done:
        """As for a Typst template. Raises RenderFailed, RenderTimedOut or EngineUnavailable."""
        if archival := [standard for standard in task.standards if standard.startswith("a-")]:
            names = ", ".join(f"PDF/{standard.upper()}" for standard in archival)
            raise RenderFailed(
                f"Files for archives ({names}) are not made with the template {task.template.id}."
            )
        scale, warnings = await self._fitted(task, priority, affinity)
        pdf = await self._print(task, scale, priority, affinity)
        done = await self._run(Printed(task, pdf), priority=priority, affinity=affinity)
        return msgspec.structs.replace(done, warnings=[*warnings, *done.warnings])

    async def _print(self, task: Pages, scale: float, priority: Priority, affinity: str) -> bytes:
        written = await self._run(Draft(task, scale), priority=priority, affinity=affinity)
        return await self._browser.pdf(written.files[0].decode())

    async def _fitted(
        self, task: Pages, priority: Priority, affinity: str
    ) -> tuple[float, list[RenderWarning]]:
        """The scale at which the document fills its pages: a print for each that is tried."""
        wanted = int(task.options.get("fit", 0))
        if not wanted:
            return 1.0, []
        loop = asyncio.get_running_loop()

        def count_pages(scale: float) -> int:
            printing = self._print(task, scale, priority, affinity)
            return page_count(asyncio.run_coroutine_threadsafe(printing, loop).result())

        fitted = await asyncio.to_thread(
            fit, count_pages, wanted, limits=task.template.fit, size=task.options["size"]
        )
        return fitted.scale, preflight.does_not_fit(fitted, wanted)
