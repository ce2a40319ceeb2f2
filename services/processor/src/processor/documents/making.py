"""A version of a resume becomes a file, whatever the format: rendered, drawn or written."""

from collections.abc import Mapping
from typing import Any

import msgspec

from common.contracts.documents import RenderWarning
from common.contracts.jobs import Priority
from common.file_formats import CARD
from processor import formats
from processor.rendering import Renderer, Template, Wanted
from processor.rendering.documents import Document
from processor.rendering.renderer import UNIVERSAL
from processor.rendering.workers.protocol import Standard

STANDARDS: Mapping[str, tuple[Standard, ...]] = {UNIVERSAL: (UNIVERSAL,), "a-2": ("a-2a", UNIVERSAL)}
"""What a PDF is asked to follow, by the name that its owner asks for: PDF/A-2a keeps what makes it PDF/UA-1."""
_PICTURE_PPI = 150


class Made(msgspec.Struct, frozen=True):
    """A file, how many pages it has if it has any, and what its owner should know."""

    data: bytes
    pages: int | None = None
    warnings: list[RenderWarning] = []


async def make(
    renderer: Renderer,
    format: str,
    template: Template,
    document: Document,
    options: Mapping[str, Any],
    *,
    standard: str = UNIVERSAL,
    priority: Priority = "normal",
    user: str = "",
) -> Made:
    """The file, the same bytes for the same input. `user` is who wants it. Raises what `Renderer.render` raises."""
    if format == CARD:
        return Made(await renderer.card(template, document, options, priority=priority))
    if format in formats.WRITTEN:
        return Made(await renderer.write(format, template, document, options, priority=priority))
    wanted = Wanted(template, document, options, "pdf", standards=STANDARDS[standard])
    if format == "png":
        wanted = msgspec.structs.replace(wanted, format="png", ppi=_PICTURE_PPI)
    rendered = await renderer.render(wanted, priority=priority, user=user)
    data = formats.archive(rendered.files) if format == "png" else rendered.files[0]
    return Made(data, rendered.page_count, rendered.warnings)
