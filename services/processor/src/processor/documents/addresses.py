"""Where documents are: by what they are made of, and in the object storage."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from common.file_formats import CARD, CARD_FORMAT, FORMATS, FileFormat
from processor import formats
from processor.rendering import Template
from processor.rendering.documents import Document

BUCKET = "resume-exports"
FOLDERS = ("pdfs/", "exports/")
"""What all keys begin with; the part before the last of each is the id of its job."""
MADE: Mapping[str, FileFormat] = FORMATS | {CARD: CARD_FORMAT}
"""The formats that are made here."""
_DATA = frozenset({"json", "yaml"})
_LONGEST_NAME = 80
_ENDING = re.compile(
    rf"\.({'|'.join(map(re.escape, {*MADE, *(kind.ending for kind in MADE.values())}))})$", re.I
)


def content_address(
    sha256: str,
    document: Document,
    template: Template,
    options: dict[str, Any],
    format: str,
    *,
    standard: str,
    engine: str,
) -> str:
    """SHA-256 over everything that decides what a document is in a format: the same address, the same bytes.

    `sha256` is that of the version: of its content, and of how its sections are set. `options` are the resolved ones, so
    that a default that was spelled out changes nothing. What a format does not show does not count. `engine` is the version of
    what renders the template.
    """
    photo = hashlib.sha256(document.photo.data).hexdigest() if document.photo else None
    made_of: list[Any] = [sha256, format]
    if format not in _DATA:
        made_of += [document.title, document.language, document.kind, document.made_on, photo]
        made_of += [template.id, template.version, formats.relevant(format, options)]
    if format == "pdf":
        made_of.append(standard)
    made_of.append(formats.version() if format in formats.WRITTEN else engine)
    return hashlib.sha256(msgspec.json.encode(made_of, order="sorted")).hexdigest()


def object_key(job_id: UUID, file_name: str, format: str = "pdf") -> str:
    """The key of a job's file. What the owner calls it is made harmless for every file system and URL."""
    folder = "pdfs" if format == "pdf" else f"exports/{format}"
    return f"{folder}/{job_id}/{safe_name(file_name)}.{MADE[format].ending}"


def job_of(key: str) -> UUID | None:
    """The job whose file has that key; None if no job's has."""
    try:
        return UUID(key.rsplit("/", 2)[-2])
    except (IndexError, ValueError):
        return None


def safe_name(file_name: str) -> str:
    """`file_name` in letters, digits, dots and hyphens of ASCII, without its ending; `resume` if nothing is left."""
    plain = unicodedata.normalize("NFKD", file_name).encode("ascii", "ignore").decode()
    plain = _ENDING.sub("", plain)
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", plain)
    plain = re.sub(r"\.{2,}", ".", plain).strip("-.")
    return plain[:_LONGEST_NAME].rstrip("-.") or "resume"
