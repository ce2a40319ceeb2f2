"""Documents at once, without a job: for the editor's preview and for API keys."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from common.problems import FieldError, Problem, Unavailable
from processor.documents.schemas import DocumentCreate, PreviewCreate, styles
from processor.rendering import (
    EngineUnavailable,
    InvalidOption,
    Renderer,
    RenderFailed,
    RenderTimedOut,
    Template,
    Wanted,
)
from processor.rendering.documents import Document

MOST_WAITING = 8


class NotRenderable(Problem):
    status, code, title = 422, "NOT_RENDERABLE", "This cannot be rendered"


class Previews:
    """Renders one document at a time, so that jobs keep their threads; refuses when too many wait."""

    def __init__(self, renderer: Renderer, templates: Mapping[tuple[str, int], Template]) -> None:
        self._renderer, self._templates = renderer, templates
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def document(self, wanted: DocumentCreate) -> bytes:
        """The PDF. Raises NotRenderable or Unavailable."""
        template = self._find(wanted)
        async with self._rendering():
            made = await self._renderer.render(
                Wanted(template, _document(wanted), wanted.options, "pdf"), priority="interactive"
            )
        return made.files[0]

    async def page(self, wanted: PreviewCreate) -> tuple[bytes, int]:
        """One page as a picture, and how many pages there are. Raises as `document` does."""
        template = self._find(wanted)
        async with self._rendering():
            made = await self._renderer.render(
                Wanted(
                    template,
                    _document(wanted),
                    wanted.options,
                    "png" if wanted.format == "png" else "svg",
                    pages=(wanted.page,),
                ),
                priority="interactive",
            )
        if wanted.page > made.page_count:
            raise _refusal("$.page", f"the document has {made.page_count} pages")
        return made.files[0], made.page_count

    def _find(self, wanted: DocumentCreate) -> Template:
        versions = [version for name, version in self._templates if name == wanted.template]
        found = self._templates.get((wanted.template, wanted.template_version or max(versions, default=0)))
        if found is None:
            raise _refusal("$.template" if not versions else "$.templateVersion", "there is no such template")
        return found

    @asynccontextmanager
    async def _rendering(self) -> AsyncIterator[None]:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many documents are being rendered.")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        except InvalidOption as error:
            raise _refusal(f"$.options.{error.option}", error.reason) from error
        except EngineUnavailable as error:
            raise Unavailable(str(error), retry_after=error.retry_after) from error
        except RenderTimedOut as error:
            raise Unavailable("Rendering takes too long right now.", retry_after=5) from error
        except RenderFailed as error:
            raise NotRenderable(str(error)) from error
        finally:
            self._waiting -= 1


def _refusal(path: str, message: str) -> NotRenderable:
    return NotRenderable(f"{path}: {message}", errors=[FieldError(path, message)])


def _document(wanted: DocumentCreate) -> Document:
    return Document(wanted.content, wanted.language, wanted.title, styles(wanted))
