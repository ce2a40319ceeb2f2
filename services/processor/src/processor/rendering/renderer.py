"""What the rest of the service has things rendered with, whatever engine the template is for."""

from collections.abc import Mapping
from typing import Any

import msgspec

from common.contracts.documents import RenderWarning
from common.contracts.jobs import Priority
from common.file_formats import CARD
from processor.rendering.documents import Document
from processor.rendering.engine import engine_version
from processor.rendering.errors import RenderFailed
from processor.rendering.html.browser import Browser, BrowserSettings
from processor.rendering.html.engine import HtmlEngine
from processor.rendering.manifest import Template, resolve_options
from processor.rendering.memory import give_back_memory
from processor.rendering.metrics import observed
from processor.rendering.workers.child import Limits
from processor.rendering.workers.pool import Pool
from processor.rendering.workers.protocol import (
    Card,
    Done,
    Draft,
    Format,
    Pages,
    Printed,
    Sheet,
    Standard,
    Task,
    Words,
)
from processor.rendering.workers.strangers import Strangers

UNIVERSAL: Standard = "ua-1"
"""PDF/UA-1: what everybody can read, those with a screen reader included."""
MOST_VALUES = 20_000
"""Texts, numbers and lists that a document may have: ten times what the longest resume has. What has more would only take
all the time that one may."""
_PREVIEW_PPI = 110


class Wanted(msgspec.Struct, frozen=True):
    """What is to be rendered. `options` are as given; the renderer checks them.

    `standards` count for a PDF, `ppi` for a PNG; of pictures `pages` are those wanted (from 1), None means all. If it
    `explains`, errors quote the engine, which may quote the document: for what was made up.
    """

    template: Template
    document: Document
    options: Mapping[str, Any]
    format: Format
    standards: tuple[Standard, ...] = (UNIVERSAL,)
    ppi: float = 96
    pages: tuple[int, ...] | None = None
    explains: bool = False


class Rendered(msgspec.Struct, frozen=True):
    """One file for a PDF, one for each page that was wanted as a picture; pages count those of the whole document."""

    files: list[bytes]
    page_count: int
    warnings: list[RenderWarning]


class Renderer:
    """Renders in `workers` processes at a time; with more than one, the first is kept free for what people wait for."""

    def __init__(
        self,
        *,
        workers: int = 2,
        limits: Limits | None = None,
        strangers: Limits | None = None,
        browser: BrowserSettings | None = None,
        needs_sandbox: bool = False,
    ) -> None:
        """With `needs_sandbox` no uploaded HTML template is printed where the browser has none."""
        self._pool = Pool(workers=workers, limits=limits)
        self._strangers = Strangers(strangers)
        self._html = HtmlEngine(browser, self._run, needs_sandbox=needs_sandbox)

    @property
    def browser(self) -> Browser:
        """That of the templates that ship with the service."""
        return self._html.browser

    @property
    def pids(self) -> list[int]:
        """The processes that render for all."""
        return self._pool.pids

    async def version(self, template: Template) -> str:
        """Names everything besides the content that decides what a document with the template looks like."""
        browser = f" {await self.browser.version()}" if template.engine == "html" else ""
        return f"{engine_version()}{browser}"

    def can_render(self, template: Template) -> bool:
        """Whether what the template is for is installed here."""
        return template.engine != "html" or self.browser.available

    def start(self) -> None:
        """Begin to start what renders, so that nobody waits for it later."""
        self._pool.start()

    async def stop(self) -> None:
        """End what renders; what is being rendered fails with EngineUnavailable."""
        await self._html.close()
        await self._strangers.stop()
        await self._pool.stop()

    async def render(
        self, wanted: Wanted, *, priority: Priority = "normal", affinity: str = "", user: str = ""
    ) -> Rendered:
        """The same bytes for the same input, in any worker.

        `affinity` names the document, such as the session of an editor: the next render of it is quicker. `user` is who
        wants it, and waits after others who want less. Raises InvalidOption, RenderFailed, RenderTimedOut or
        EngineUnavailable.
        """
        task = _pages(wanted)
        with observed(wanted.template.engine, wanted.format):
            if wanted.template.engine == "html":
                made = await self._html.render(task, priority=priority, affinity=affinity, user=user)
            else:
                made = await self._run(task, priority=priority, affinity=affinity)
        return Rendered(made.files, made.page_count, made.warnings)

    async def write(
        self,
        format: str,
        template: Template,
        document: Document,
        options: Mapping[str, Any],
        *,
        priority: Priority = "normal",
    ) -> bytes:
        """The document in one of the formats that are not of pages (`processor.formats.WRITTEN`). `options` are as given.
        Raises as `render` does."""
        task = Words(template, _sheet(document), resolve_options(template, options), format)
        with observed("words", format):
            return (await self._run(task, priority=priority)).files[0]

    async def card(
        self,
        template: Template,
        document: Document,
        options: Mapping[str, Any],
        *,
        priority: Priority = "normal",
    ) -> bytes:
        """A PNG of 1200 by 630 pixels with name and headline, in the colour and typeface of the template: the picture that
        OpenGraph asks for. Raises as `render` does."""
        task = Card(template, _sheet(document), resolve_options(template, options))
        with observed("typst", CARD):
            return (await self._run(task, priority=priority)).files[0]

    async def _run(self, task: Task, *, priority: Priority = "normal", affinity: str = "") -> Done:
        """In the workers for all; what runs the source of a template that a stranger wrote, in the one for that."""
        pages = task.pages if isinstance(task, Draft | Printed) else task
        if isinstance(pages, Pages) and pages.template.is_custom:
            folder = pages.template.folder
            return await self._strangers.run(folder, task, priority=priority, affinity=affinity)
        return await self._pool.run(task, priority=priority, affinity=affinity)

    def rest(self) -> None:
        """Give back what rendering many documents took, which is not needed until others come."""
        self.browser.rest()
        give_back_memory()

    async def previews(self, template: Template) -> list[bytes]:
        """A PNG of each page of the template with its made-up sample, for catalogues."""
        document = Document(template.sample, "en", "", kind=template.kinds[0])
        wanted = Wanted(template, document, {}, "png", ppi=_PREVIEW_PPI)
        return (await self.render(wanted, priority="bulk")).files


def _pages(wanted: Wanted) -> Pages:
    return Pages(
        wanted.template,
        _sheet(wanted.document),
        resolve_options(wanted.template, wanted.options),
        wanted.format,
        wanted.standards if wanted.format == "pdf" else (),
        wanted.ppi,
        wanted.pages,
        wanted.explains,
    )


def _sheet(document: Document) -> Sheet:
    if _has_more_values(document.content, MOST_VALUES):
        raise RenderFailed("The document has too many parts.")
    try:
        return Sheet.of(document)
    except ValueError as error:
        raise RenderFailed(f"The document cannot be read ({error}).") from None


def _has_more_values(value: object, most: int) -> bool:
    left, count = [value], 0
    while left and count <= most:
        inner = left.pop()
        count += 1
        left += inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
    return count > most
