"""What documents are asked for with, over HTTP."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from common.contracts.documents import RenderWarning
from common.contracts.versions import SectionStyle
from common.schemas import Command, Schema

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


class DocumentContent(Command, frozen=True, kw_only=True):
    """What is said, whatever it looks like: a JSON Resume or, of the kind `cover-letter`, a letter. With `sections` it has
    their order, without them the template's."""

    content: Resume
    language: Language = "en"
    title: Annotated[str, Meta(max_length=200)] = ""
    kind: Literal["resume", "cover-letter"] = "resume"
    sections: Annotated[list[SectionLook], Meta(max_length=200)] = field(default_factory=list)


TemplateId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$", examples=["modern"])]
TemplateVersion = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Look(Command, frozen=True, kw_only=True):
    """A template; its newest version unless one is given, its default for options that are left out."""

    template: TemplateId = "classic"
    template_version: TemplateVersion | None = None
    options: dict[str, Any] = field(default_factory=dict)


class _Dressed(DocumentContent, frozen=True, kw_only=True):
    """A document and its look: the fields of `Look` beside it."""

    template: TemplateId = "classic"
    template_version: TemplateVersion | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def look(self) -> Look:
        return Look(template=self.template, template_version=self.template_version, options=self.options)


class DocumentCreate(_Dressed, frozen=True):
    """What is to become a file, and what file. `standard` is that of a PDF: `ua-1` is accessible (PDF/UA-1), `a-2` fit for
    archives too (PDF/A-2a); the day of its making is in it then. What cannot follow `a-2`, such as any other format, is
    answered `UNSUPPORTED_STANDARD`."""

    format: Literal["pdf", "docx", "html", "md", "txt", "json", "yaml", "png"] = "pdf"
    standard: Literal["ua-1", "a-2"] = "ua-1"

    @property
    def file_name(self) -> str:
        """What the file is called, without its ending: the person, else the document."""
        basics = self.content.get("basics")
        name = basics.get("name") if isinstance(basics, dict) else None
        return name.strip() if isinstance(name, str) and name.strip() else self.title or self.kind


class PreviewCreate(_Dressed, frozen=True):
    """What to show, and how much of it: one `page`, some `pages`, or all.

    `session` is any name that an editor gives to one of its documents; `scale` enlarges PNG (1 is 96 pixels an inch);
    `known` are the hashes of pages that need not be sent again.
    """

    format: Literal["svg", "png", "pdf"] = "svg"
    page: Annotated[int, Meta(ge=1, le=200)] | None = None
    pages: Annotated[list[Annotated[int, Meta(ge=1, le=200)]], Meta(min_length=1, max_length=200)] | None = (
        None
    )
    session: Annotated[str, Meta(max_length=100)] = ""
    scale: Annotated[float, Meta(ge=0.25, le=3)] = 1
    known: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=200)] = field(
        default_factory=list
    )


class ComparisonCreate(DocumentContent, frozen=True, kw_only=True):
    """A document in two looks: say, in the version of a template that it has, and in a newer one."""

    before: Annotated[Look, Meta(examples=[{"template": "classic", "templateVersion": 1}])]
    after: Annotated[Look, Meta(examples=[{"template": "classic"}])]


class ComparisonPage(Schema):
    """A page in both looks, as PNG in base64; null where one has fewer pages. `difference` is the share of pixels that
    changed; `marked` is the page as it would be, pale, with what changed in red."""

    number: Annotated[int, Meta(examples=[1])]
    difference: Annotated[float, Meta(ge=0, le=1)]
    before: str | None
    after: str | None
    marked: str | None


class ComparisonRead(Schema):
    """`difference` is that of the page that changed most."""

    difference: Annotated[float, Meta(ge=0, le=1)]
    pages: list[ComparisonPage]


class PreviewPage(Schema):
    """A page as a picture: `data` is SVG as it is, PNG in base64, and null for a page that the caller knows."""

    number: Annotated[int, Meta(examples=[1])]
    media_type: Annotated[str, Meta(examples=["image/svg+xml"])]
    hash: Annotated[str, Meta(examples=["9f86d081884c7d659a2feaa0c55ad015"])]
    data: Annotated[str | None, Meta(examples=['<svg viewBox="0 0 595 842">…</svg>'])]


class PreviewRead(Schema):
    """The pages that were asked for; `page_count` and `warnings` are of the whole document."""

    pages: list[PreviewPage]
    page_count: Annotated[int, Meta(examples=[1])]
    warnings: list[RenderWarning]


def styles(wanted: DocumentContent) -> list[SectionStyle]:
    """The looks of the sections as those of a frozen version."""
    return [SectionStyle(**msgspec.structs.asdict(look)) for look in wanted.sections]
