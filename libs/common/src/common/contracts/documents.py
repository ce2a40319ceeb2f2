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
    the document that it is about."""

    code: WarningCode
    message: str
    page: int | None = None
    text: str | None = None


class FileFormat(msgspec.Struct, frozen=True):
    """What a document is written as: how its files end, and their media type (RFC 6838)."""

    ending: str
    media_type: str


FORMATS: dict[str, FileFormat] = {
    "pdf": FileFormat("pdf", "application/pdf"),
    "docx": FileFormat("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "html": FileFormat("html", "text/html; charset=utf-8"),
    "md": FileFormat("md", "text/markdown; charset=utf-8"),
    "txt": FileFormat("txt", "text/plain; charset=utf-8"),
    "json": FileFormat("json", "application/json"),
    "yaml": FileFormat("yaml", "application/yaml"),
    "png": FileFormat("zip", "application/zip"),
}
"""The formats that people export. Pictures of pages (`png`) come together, in an archive."""

CARD = "og-image"
CARD_FORMAT = FileFormat("png", "image/png")
"""The picture of a link, which the platform makes for itself."""
