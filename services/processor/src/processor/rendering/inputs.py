"""What a template is given: the document brought into its shape, and the options, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from common.contracts.versions import SectionStyle
from processor.rendering.cards import read_card
from processor.rendering.letter import read_letter
from processor.rendering.manifest import Template
from processor.rendering.resume import WRITERS_ORDER, read_resume


class Document(msgspec.Struct, frozen=True):
    """What is to be rendered: a JSON Resume or a letter in a language (BCP 47), its title, and how its sections are set.

    `sections` come in the order that the writer gave them; without them the template's order counts.
    """

    content: dict[str, Any]
    language: str
    title: str
    sections: Sequence[SectionStyle] = ()


def for_pages(template: Template, document: Document, options: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a template; one that is for letters alone gets a letter, whatever the document is."""
    language, title = document.language, document.title
    if "resume" not in template.kinds:
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
