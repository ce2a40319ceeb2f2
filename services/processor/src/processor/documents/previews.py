"""Documents at once, without a job: for the editor's preview and for API keys."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from common.problems import FieldError, Problem, Unavailable
from processor.documents.schemas import DocumentCreate, PreviewCreate, styles
from processor.rendering import InvalidOption, RenderFailed, RenderTimedOut, Template, TypstEngine

MOST_WAITING = 8


class NotRenderable(Problem):
    status, code, title = 422, "NOT_RENDERABLE", "This cannot be rendered"


class Previews:
    """Renders one document at a time, so that jobs keep their threads; refuses when too many wait."""

    def __init__(self, engine: TypstEngine, templates: Mapping[tuple[str, int], Template]) -> None:
        self._engine, self._templates = engine, templates
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def document(self, wanted: DocumentCreate) -> bytes:
        """The PDF. Raises NotRenderable or Unavailable."""
        template = self._find(wanted)
        async with self._rendering():
            return await self._engine.pdf(
                template,
                wanted.content,
                wanted.options,
                language=wanted.language,
                title=wanted.title,
                sections=styles(wanted),
            )

    async def page(self, wanted: PreviewCreate) -> tuple[bytes, int]:
        """One page as a picture, and how many pages there are. Raises as `document` does."""
        template = self._find(wanted)
        async with self._rendering():
            pages = await self._engine.pages(
                template,
                wanted.content,
                wanted.options,
                language=wanted.language,
                title=wanted.title,
                sections=styles(wanted),
                format="png" if wanted.format == "png" else "svg",
            )
        if wanted.page > len(pages):
            raise _refusal("$.page", f"the document has {len(pages)} pages")
        return pages[wanted.page - 1], len(pages)

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
        except RenderTimedOut as error:
            raise Unavailable("Rendering takes too long right now.", retry_after=5) from error
        except RenderFailed as error:
            raise NotRenderable(str(error)) from error
        finally:
            self._waiting -= 1


def _refusal(path: str, message: str) -> NotRenderable:
    return NotRenderable(f"{path}: {message}", errors=[FieldError(path, message)])
