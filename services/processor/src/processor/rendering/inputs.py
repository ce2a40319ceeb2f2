"""What a template is given: the document brought into its shape, and the options, as JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec

from processor.outlines.cards import read_card
from processor.outlines.letter import read_letter
from processor.outlines.resume import WRITERS_ORDER, read_resume
from processor.rendering.documents import LETTER, Document
from processor.rendering.manifest import Template


def for_pages(template: Template, document: Document, options: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a template; one that is for letters alone gets a letter, whatever the document is."""
    language, title = document.language, document.title
    if template.kind_for(document) == LETTER:
        return _inputs(read_letter(document.content, language=language, title=title), options)
    outline = read_resume(
        document.content,
        language=language,
        title=title,
        date_style=options.get("dates", "short"),
        order=options.get("order") or (WRITERS_ORDER if document.sections else template.sections),
        hidden=options.get("hidden", ()),
        styles=document.sections,
    )
    return _inputs(outline, options)


def for_card(document: Document, options: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of the card: the looks of the template as far as a card has them."""
    card = read_card(document.content, language=document.language, title=document.title)
    return _inputs(card, options)


def _inputs(outline: msgspec.Struct, options: Mapping[str, Any]) -> dict[str, str]:
    return {
        "outline": msgspec.json.encode(outline).decode(),
        "options": msgspec.json.encode(options).decode(),
    }
