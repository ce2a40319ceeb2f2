"""Imports as they go in and out."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from api.contents.json_resume import Warning
from api.contents.snapshots import Layout
from api.resumes.schemas import EXAMPLE, Language, ResumeRead, Title
from common.schemas import Command, Schema

Format = Annotated[
    str,
    Meta(
        max_length=64,
        description="Left out, it is told from the document where that is certain",
        examples=["json-resume"],
    ),
]


class ImportCommand(Command, frozen=True, kw_only=True):
    """What is said beside the document. A `title` or `language` left out comes from the document."""

    format: Format | None = None
    title: Title | None = None
    language: Language | None = None


class ImportCreate(ImportCommand, frozen=True, kw_only=True):
    """A document of another program: as JSON, or as the text of its file."""

    document: Annotated[dict[str, Any] | str, Meta(examples=[EXAMPLE])]


class ImportRead(Schema, kw_only=True):
    """The resume that was made. `warnings` name what of the document was not as its format says, and every value that
    was not imported; `placed` counts those that were."""

    resume: ResumeRead
    format: str
    warnings: list[Warning]
    placed: int


class ImportPreview(Schema, kw_only=True):
    """What would be made of a document."""

    format: str
    title: str
    language: str
    page_size: str | None
    content: msgspec.Raw
    layout: Layout
    warnings: list[Warning]
    placed: int
