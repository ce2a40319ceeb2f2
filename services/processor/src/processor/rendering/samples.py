"""Made-up people: the documents that templates are tried with, and shown with in the gallery."""

from functools import cache

import msgspec

from common.contracts.versions import SectionStyle
from processor.rendering.documents import Document
from processor.rendering.manifest import TEMPLATES

NAMES = ("short", "long", "arabic", "letter")
"""A resume of half a page, one of three pages or so, one from right to left, and a cover letter."""


@cache
def read(name: str) -> Document:
    """One of the documents in `NAMES`."""
    told = msgspec.json.decode((TEMPLATES / "samples" / f"{name}.json").read_bytes())
    sections = msgspec.convert(told.get("sections", []), list[SectionStyle])
    return Document(told["content"], told["language"], told["title"], sections, kind=told["kind"])


def for_kind(kind: str) -> list[str]:
    """The names of those that are of this kind."""
    return [name for name in NAMES if read(name).kind == kind]
