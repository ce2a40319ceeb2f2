"""The renderer as tests ask it: a template, a content and options, and the bytes that come of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.contracts.versions import SectionStyle
from processor.rendering import Rendered, Renderer, Template, Wanted
from processor.rendering.documents import Document


class Engine:
    """Asks a renderer in few words."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer

    async def made(
        self,
        template: Template,
        content: dict[str, Any],
        options: Mapping[str, Any],
        *,
        language: str = "en",
        title: str = "",
        sections: Sequence[SectionStyle] = (),
        **changes: Any,
    ) -> Rendered:
        """All that comes of it; `changes` are to what is wanted and, by the names of its fields, to the document."""
        own = {name: changes.pop(name) for name in ("kind", "photo", "made_on") if name in changes}
        own = {"kind": template.kinds[0]} | own
        document = Document(content, language, title, sections, **own)
        return await self.renderer.render(
            Wanted(template, document, options, changes.pop("format", "pdf"), **changes)
        )

    async def pdf(
        self, template: Template, content: dict[str, Any], options: Mapping[str, Any], **words: Any
    ) -> bytes:
        return (await self.made(template, content, options, **words)).files[0]

    async def pages(
        self, template: Template, content: dict[str, Any], options: Mapping[str, Any], **words: Any
    ) -> list[bytes]:
        return (await self.made(template, content, options, **({"format": "svg"} | words))).files

    async def card(
        self,
        template: Template,
        content: dict[str, Any],
        options: Mapping[str, Any],
        *,
        language: str,
        title: str,
    ) -> bytes:
        return await self.renderer.card(template, Document(content, language, title), options)
