"""Resumes as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from api.resumes import letters
from api.search.schemas import Match
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
Kind = Literal["resume", "cover-letter"]
Direction = Literal["auto", "ltr", "rtl"]
PageSize = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=16,
        pattern=NO_CONTROL_CHARACTERS,
        description="One of the template's page sizes; null: the template's own choice",
        examples=["a4"],
    ),
]
MOST_TAGS = 20
LONGEST_TAG = 50
Tag = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_TAG,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$(?!\n)",
        examples=["research"],
    ),
]
Tags = Annotated[
    list[Tag],
    Meta(max_length=MOST_TAGS, description="In their order; those that differ in case alone are one"),
]
Basics = Annotated[
    Any,
    Meta(
        description="The member `basics` of the document, whatever JSON it is; null if there is none",
        examples=[{"name": "Ada Lovelace"}],
    ),
]

WholeBasics = Annotated[
    Any,
    Meta(
        description="All of the member `basics`, in place of all that it was: what is left out is gone. Null: no basics. "
        "To change single members and keep the others, give `basicsFields` and `basicsRemove` instead",
        examples=[{"name": "Ada Lovelace", "email": "ada@example.org"}],
    ),
]
BasicsFields = Annotated[
    dict[str, Any],
    Meta(
        description="Members of `basics` to be set, each to any JSON value; the others and their order stay",
        examples=[{"label": "Analyst"}],
    ),
]
BasicsRemove = Annotated[
    list[str], Meta(description="Names of members to be taken from `basics`", examples=[["label"]])
]

EXAMPLE = {
    "basics": {"name": "Ada Lovelace", "label": "Analyst"},
    "work": [{"name": "Analytical Engine", "position": "Programmer", "startDate": "1842"}],
}
Document = Annotated[
    dict[str, Any],
    Meta(
        description="A JSON Resume; of a cover letter "
        "`{basics, recipient: {…}, date, subject, salutation, paragraphs: […], closing}`",
        examples=[EXAMPLE, letters.EXAMPLE],
    ),
]


class ResumeCreate(Command, frozen=True, kw_only=True):
    """`kind` stays for ever. `content` is a JSON Resume document or, of a `cover-letter`,
    `{basics, recipient: {…}, date, subject, salutation, paragraphs: […], closing}`. Without one the resume is empty,
    and a letter has all of these members with nothing in them. `basics` may be given beside a content that has none.
    """

    title: Title
    language: Language = "en"
    kind: Kind = "resume"
    direction: Direction = "auto"
    template: TemplateId | TemplateChoice | None = None
    settings: Options = field(default_factory=dict)
    page_size: PageSize | None = None
    tags: Tags = field(default_factory=list)
    basics: Basics | UnsetType = UNSET
    content: Document | None = None


class ResumeUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays. `settings` are the template's options that exports use unless told otherwise; `tags` and
    `basics` take the place of all that were, while `basicsFields` and `basicsRemove` change single members of the basics
    (422 beside `basics`, and if the basics are no object)."""

    title: Title | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET
    template: TemplateId | TemplateChoice | UnsetType = UNSET
    settings: Options | UnsetType = UNSET
    page_size: PageSize | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    basics: WholeBasics | UnsetType = UNSET
    basics_fields: BasicsFields | UnsetType = UNSET
    basics_remove: BasicsRemove | UnsetType = UNSET


class ResumeDuplicate(Command, frozen=True, kw_only=True):
    """Without a `title` it is that of the original, marked as a copy."""

    title: Title | None = None


class ResumeLock(Command, frozen=True, kw_only=True):
    locked: bool


class ResumeRead(Schema, kw_only=True):
    """A resume without what it says. `familyId` is shared by its variants in other languages; `deletedAt` is set in the
    trash alone, `takenDownAt` and `takenDownFor` (the reason) if staff took it down: its links show nothing then."""

    id: UUID
    title: str
    language: str
    kind: Kind
    direction: Direction
    template: TemplateRef
    settings: dict[str, Any]
    page_size: str | None
    tags: list[str]
    is_locked: bool
    family_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    taken_down_at: datetime | None
    taken_down_for: str | None


class ResumeDetail(ResumeRead, kw_only=True):
    """A resume with its `basics`."""

    basics: Basics


class ResumeFound(ResumeRead, kw_only=True):
    """A resume in a list. After a search `matches` are up to three places where the words were found."""

    matches: list[Match] | UnsetType = UNSET


class TagCount(Schema, kw_only=True):
    """A tag, and on how many resumes (the trash apart) it is."""

    name: str
    count: int
