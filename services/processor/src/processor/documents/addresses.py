"""Where documents are: by what they are made of, and in the object storage."""

import hashlib
import re
import unicodedata
from typing import Any
from uuid import UUID

import msgspec

from common.contracts.versions import FrozenVersion
from processor.rendering import Template, engine_version

BUCKET = "resume-exports"
ENDINGS = {"pdf": "pdf", "og-image": "png"}
"""The formats that are made here, and how their files end."""
_LONGEST_NAME = 80


def content_address(version: FrozenVersion, template: Template, options: dict[str, Any], format: str) -> str:
    """SHA-256 over everything that decides what a document looks like: the same address, the same bytes.

    `options` are the resolved ones, so that a default that was spelled out changes nothing.
    """
    parts = [
        version.sha256,
        version.title,
        version.language,
        template.id,
        template.version,
        options,
        format,
        engine_version(),
    ]
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def object_key(job_id: UUID, file_name: str, format: str = "pdf") -> str:
    """The key of a job's file. What the owner calls it is made harmless for every file system and URL."""
    folder = "pdfs" if format == "pdf" else f"exports/{format}"
    return f"{folder}/{job_id}/{safe_name(file_name)}.{ENDINGS[format]}"


def safe_name(file_name: str) -> str:
    """`file_name` in letters, digits, dots and hyphens of ASCII, without its ending; `resume` if nothing is left."""
    plain = unicodedata.normalize("NFKD", file_name).encode("ascii", "ignore").decode()
    plain = re.sub(r"\.(pdf|png|og-image)$", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", plain)
    plain = re.sub(r"\.{2,}", ".", plain).strip("-.")
    return plain[:_LONGEST_NAME].rstrip("-.") or "resume"
