"""What documents are asked for with, over HTTP."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from common.contracts.versions import SectionStyle
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


class SectionLook(Command, frozen=True, kw_only=True):
    """How a section of the document is set: `kind` says what its items are like, `title` replaces the usual words for
    its name, `columns` is how many items stand beside each other."""

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["work"])]
    kind: Annotated[str, Meta(min_length=1, max_length=64, examples=["work"])]
    title: Annotated[str, Meta(max_length=200)] | None = None
    columns: Annotated[int, Meta(ge=1, le=4)] = 1
    page_break_before: bool = False
    keep_together: bool = False


class DocumentCreate(Command, frozen=True):
    """A JSON Resume to render. `template_version` is the newest unless given; options left out take their default.

    With `sections` the document has their order, without them the template's.
    """

    content: Resume
    template: Annotated[str, Meta(examples=["modern"])] = "classic"
    template_version: int | None = None
    options: dict[str, Any] = field(default_factory=dict)
    language: Language = "en"
    title: Annotated[str, Meta(max_length=200)] = ""
    sections: Annotated[list[SectionLook], Meta(max_length=200)] = field(default_factory=list)


class PreviewCreate(DocumentCreate, frozen=True):
    """The same, and what to show: the whole as PDF, or one page as a picture."""

    format: Literal["svg", "png", "pdf"] = "svg"
    page: Annotated[int, Meta(ge=1, le=200)] = 1


def styles(wanted: DocumentCreate) -> list[SectionStyle]:
    """The looks of the sections as those of a frozen version."""
    return [SectionStyle(**msgspec.structs.asdict(look)) for look in wanted.sections]
