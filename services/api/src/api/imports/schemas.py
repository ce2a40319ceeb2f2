"""Imports as they go in and out."""

from typing import Any

from api.imports.json_resume import Warning
from api.resumes.schemas import ResumeRead, Title
from common.schemas import Command, Schema


class ImportCreate(Command, frozen=True, kw_only=True):
    """A document of another program. Without a `title` it is the name that stands in the document."""

    format: str
    title: Title | None = None
    document: dict[str, Any]


class ImportRead(Schema, kw_only=True):
    """The resume that was made, and what in the document was not as its format says; it was kept all the same."""

    resume: ResumeRead
    warnings: list[Warning]
