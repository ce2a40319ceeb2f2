"""The types of files that are taken, and what their names end in."""

from typing import Literal

Kind = Literal["image", "document"]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

ENDINGS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "image": {
        "image/jpeg": (".jpg", ".jpeg"),
        "image/png": (".png",),
        "image/webp": (".webp",),
        "image/gif": (".gif",),
    },
    "document": {
        "application/pdf": (".pdf",),
        DOCX: (".docx",),
        ODT: (".odt",),
        "text/plain": (".txt",),
    },
}


def is_taken(kind: Kind, content_type: str) -> bool:
    return content_type in ENDINGS[kind]


def ends_right(kind: Kind, content_type: str, filename: str) -> bool:
    """Whether a file's name says the type that it is said to have."""
    return filename.lower().endswith(ENDINGS[kind][content_type])
