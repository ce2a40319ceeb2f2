"""The formats that documents are exported in: what one service offers, another makes."""

import msgspec


class FileFormat(msgspec.Struct, frozen=True):
    """What a document is written as: how its files end, their media type (RFC 6838), and whether they can show a photo."""

    ending: str
    media_type: str
    has_photo: bool = False


FORMATS: dict[str, FileFormat] = {
    "pdf": FileFormat("pdf", "application/pdf", has_photo=True),
    "docx": FileFormat("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "html": FileFormat("html", "text/html; charset=utf-8", has_photo=True),
    "md": FileFormat("md", "text/markdown; charset=utf-8"),
    "txt": FileFormat("txt", "text/plain; charset=utf-8"),
    "json": FileFormat("json", "application/json"),
    "yaml": FileFormat("yaml", "application/yaml"),
    "png": FileFormat("zip", "application/zip", has_photo=True),
}
"""The formats that people export. Pictures of pages (`png`) come together, in an archive."""

CARD = "og-image"
CARD_FORMAT = FileFormat("png", "image/png")
"""The picture of a link, which the platform makes for itself."""
