"""HTML templates from end to end: a worker writes the page, the browser prints it, a worker finishes what was printed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from common.contracts.documents import RenderWarning
from common.contracts.jobs import Priority
from processor.rendering import preflight
from processor.rendering.errors import RenderFailed
from processor.rendering.fitting import fit, settled
from processor.rendering.html.browser import MOST_HTML, Browser, BrowserSettings
from processor.rendering.html.finish import page_count
from processor.rendering.workers.protocol import Done, Draft, Pages, Printed, Task

_STRANGERS_IDLE = 120.0
_SIZE = 10.0
"""Of text, in points, where a template has no option for it."""


class Run(Protocol):
    """Has a worker do a task, as `Pool.run` does."""

    async def __call__(self, task: Task, *, priority: Priority = "normal", affinity: str = "") -> Done: ...


class _Unknown(Exception):
    """How many pages the document has at a scale has to be found out."""

    def __init__(self, scale: float) -> None:
        super().__init__(scale)
        self.scale = scale


class HtmlEngine:
    """Renders with HTML templates, with the workers that `run` asks and a browser.

    What strangers wrote is printed by a browser of its own, a document at a time, so that it sees nothing of others' and ends
    none of theirs.
    """

    def __init__(self, settings: BrowserSettings | None, run: Run, *, needs_sandbox: bool = False) -> None:
        settings, self._run = settings or BrowserSettings(), run
        self.browser = Browser(settings)
        self.strangers = Browser(
            msgspec.structs.replace(
                settings,
                pages=1,
                idle=min(settings.idle, _STRANGERS_IDLE),
                strangers=True,
                needs_sandbox=needs_sandbox,
            )
        )

    async def close(self) -> None:
        """End the browsers; what is being printed fails."""
        await asyncio.gather(self.browser.close(), self.strangers.close())

    async def render(
        self, task: Pages, *, priority: Priority = "normal", affinity: str = "", user: str = ""
    ) -> Done:
        """As for a Typst template. Raises RenderFailed, RenderTimedOut or EngineUnavailable."""
        if archival := [standard for standard in task.standards if standard.startswith("a-")]:
            names = ", ".join(f"PDF/{standard.upper()}" for standard in archival)
            raise RenderFailed(
                f"Files for archives ({names}) are not made with the template {task.template.id}."
            )

        async def printed(scale: float) -> bytes:
            return await self._print(task, scale, priority=priority, affinity=affinity, user=user)

        scale, warnings = await _fitted(task, printed)
        pdf = await printed(scale)
        done = await self._run(Printed(task, pdf), priority=priority, affinity=affinity)
        return msgspec.structs.replace(done, warnings=[*warnings, *done.warnings])

    async def _print(
        self, task: Pages, scale: float, *, priority: Priority, affinity: str, user: str
    ) -> bytes:
        written = await self._run(Draft(task, scale), priority=priority, affinity=affinity)
        page, photo = written.files[0], task.sheet.photo
        if len(page) > MOST_HTML + (2 * len(photo.data) if photo else 0):
            raise RenderFailed("The document is too large for a browser.")
        browser = self.strangers if task.template.is_custom else self.browser
        return await browser.pdf(page.decode(errors="replace"), priority=priority, user=user)


async def _fitted(
    task: Pages, printed: Callable[[float], Awaitable[bytes]]
) -> tuple[float, list[RenderWarning]]:
    """The scale at which the document fills its pages: a print for each that is tried."""
    wanted, counts = int(task.options.get("fit", 0)), dict[float, int]()
    if not wanted:
        return 1.0, []

    def count_pages(scale: float) -> int:
        if scale not in counts:
            raise _Unknown(scale)
        return counts[scale]

    # The search is the one that workers make, which knows of no waiting: it is made anew with each answer.
    while True:
        try:
            found = fit(count_pages, wanted, limits=task.template.fit, size=task.options.get("size", _SIZE))
            fitted = settled(found, count_pages)
        except _Unknown as unknown:
            counts[unknown.scale] = page_count(await printed(unknown.scale))
        else:
            return fitted.scale, preflight.does_not_fit(fitted, wanted)
