"""A document as the outline that the writers of formats are given."""

from collections.abc import Mapping
from typing import Any

import msgspec

from processor.outlines.letter import Letter, read_letter
from processor.outlines.outline import Outline
from processor.outlines.resume import WRITERS_ORDER, read_resume
from processor.rendering.documents import LETTER, Document
from processor.rendering.manifest import Template

Outlined = Outline | Letter
_DIRECTIONS = {"ltr": False, "rtl": True}


def outlined(
    template: Template, document: Document, options: Mapping[str, Any], *, dates: str | None = None
) -> Outlined:
    """The outline with the order, the dates and the direction that the options say; `dates` is a style to use instead."""
    if LETTER in (document.kind, template.kind_for(document)):
        found: Outlined = read_letter(document.content, language=document.language, title=document.title)
    else:
        found = read_resume(
            document.content,
            language=document.language,
            title=document.title,
            date_style=dates or options.get("dates", "short"),
            order=options.get("order") or (WRITERS_ORDER if document.sections else template.sections),
            hidden=options.get("hidden", ()),
            styles=document.sections,
        )
    rtl = _DIRECTIONS.get(options.get("direction", "auto"), found.rtl)
    return msgspec.structs.replace(found, rtl=rtl)
