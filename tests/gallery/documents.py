"""The made-up people of the gallery: documents for whoever wants convincing content, such as tests of all templates."""

import json
from pathlib import Path

import msgspec

from common.contracts.versions import SectionStyle
from processor.rendering.documents import Document

_FOLDER = Path(__file__).with_name("documents")
NAMES = ("short", "long", "arabic", "letter")
"""A resume of half a page, one of three pages or so, one from right to left, and a cover letter."""


def read(name: str) -> Document:
    """One of the documents in `NAMES`."""
    told = json.loads((_FOLDER / f"{name}.json").read_text())
    sections = msgspec.convert(told.get("sections", []), list[SectionStyle])
    return Document(told["content"], told["language"], told["title"], sections, kind=told["kind"])
