"""Resumes as they go in and out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.templates.schemas import Options, TemplateChoice, TemplateId, TemplateRef
from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Title = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=NO_CONTROL_CHARACTERS, examples=["Ada Lovelace"])
]
Language = Annotated[
    str,
    Meta(
        max_length=35,
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        description="A BCP 47 tag",
        examples=["en", "pt-BR"],
    ),
]

EXAMPLE = {
    "basics": {"name": "Ada Lovelace", "label": "Analyst"},
    "work": [{"name": "Analytical Engine", "position": "Programmer", "startDate": "1842"}],
}
Document = Annotated[dict[str, Any], Meta(description="A JSON Resume", examples=[EXAMPLE])]


class ResumeCreate(Command, frozen=True, kw_only=True):
    """`content` is a JSON Resume document; without one the resume is empty."""

    title: Title
    language: Language = "en"
    template: TemplateId | TemplateChoice | None = None
    content: Document | None = None


class ResumeUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays. `settings` are the template's options that exports use unless told otherwise."""

    title: Title | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    template: TemplateId | TemplateChoice | UnsetType = UNSET
    settings: Options | UnsetType = UNSET


class ResumeRead(Schema, kw_only=True):
    id: UUID
    title: str
    language: str
    template: TemplateRef
    settings: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
