"""Imports as they go in and out."""

from typing import Annotated

from msgspec import Meta

from api.contents.json_resume import Warning
from api.resumes.schemas import Document, ResumeRead, Title
from common.schemas import Command, Schema


class ImportCreate(Command, frozen=True, kw_only=True):
    """A document of another program. Without a `title` it is the name that stands in the document."""

    format: Annotated[str, Meta(examples=["json-resume"])]
    title: Title | None = None
    document: Document


class ImportRead(Schema, kw_only=True):
    """The resume that was made, and what in the document was not as its format says; it was kept all the same."""

    resume: ResumeRead
    warnings: list[Warning]
