"""What documents are asked for with, over HTTP."""

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from common.schemas import Command

Language = Annotated[
    str, Meta(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35, examples=["en"])
]

Resume = Annotated[
    dict[str, Any],
    Meta(
        description="A JSON Resume",
        examples=[{"basics": {"name": "Ada Lovelace", "label": "Analyst"}, "skills": [{"name": "Analysis"}]}],
    ),
]


class DocumentCreate(Command, frozen=True):
    """A JSON Resume to render. `template_version` is the newest unless given; options left out take their default."""

    content: Resume
    template: Annotated[str, Meta(examples=["modern"])] = "classic"
    template_version: int | None = None
    options: dict[str, Any] = field(default_factory=dict)
    language: Language = "en"
    title: Annotated[str, Meta(max_length=200)] = ""


class PreviewCreate(DocumentCreate, frozen=True):
    """The same, and what to show: the whole as PDF, or one page as a picture."""

    format: Literal["svg", "png", "pdf"] = "svg"
    page: Annotated[int, Meta(ge=1, le=200)] = 1
