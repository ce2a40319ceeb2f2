"""What comes of rendering a document, beside the file."""

from typing import Literal

import msgspec

WarningCode = Literal[
    "text_overflows",
    "missing_glyphs",
    "low_contrast",
    "photo_too_small",
    "photo_not_usable",
    "page_nearly_empty",
    "does_not_fit",
    "not_accessible",
]


class RenderWarning(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something about a finished document that its owner may want to change. `page` counts from 1; `text` is the piece of
    the document that it is about, told with previews alone: what is kept of an export, or goes through queues, quotes none."""

    code: WarningCode
    message: str
    page: int | None = None
    text: str | None = None
