"""The library as it goes in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

MOST_USES = 200
"""Uses that one request may change: each is an edit of its resume, and all are one transaction."""

KIND = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$(?!\n)"
Kind = Annotated[
    str,
    Meta(
        pattern=KIND,
        description="What it is an item of: `work`, `education`, `skills`, …",
        examples=["work"],
    ),
]
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=NO_CONTROL_CHARACTERS,
        description="What it is called in the library; no resume shows it",
        examples=["Analytical Engines, 1842"],
    ),
]
Data = Annotated[
    Any,
    Meta(
        description="The entry, any JSON value",
        examples=[{"name": "Analytical Engines", "startDate": "1842"}],
    ),
]
ItemIds = Annotated[list[UUID], Meta(min_length=1, max_length=MOST_USES)]
State = Literal["current", "outdated"]


class LibraryItemCreate(Command, frozen=True, kw_only=True):
    """Either `kind` and `data`, or `resumeId` and `fromItemId`: an item of a resume, which becomes its first use."""

    kind: Kind | UnsetType = UNSET
    data: Data | UnsetType = UNSET
    name: Name | None = None
    resume_id: UUID | UnsetType = UNSET
    from_item_id: UUID | UnsetType = UNSET


class LibraryItemUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays. The uses keep what they say until the change is propagated to them."""

    data: Data | UnsetType = UNSET
    name: Name | UnsetType | None = UNSET


class LibraryItemRead(Schema, kw_only=True):
    """One fact. `uses` is how many items of resumes say it."""

    id: UUID
    kind: str
    name: str | None
    data: Any
    uses: int
    version: int
    created_at: datetime
    updated_at: datetime


class FieldRead(Schema, kw_only=True):
    """How a field read and how it reads now; left out where there was or is none."""

    name: str
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


class UseRead(Schema, kw_only=True):
    """An item of a resume that says what the library item says.

    `outdated`: the library changed since, in the fields of `changes`. `overrides` are the fields worded differently here.
    """

    id: UUID
    resume_id: UUID
    resume_title: str
    section_id: UUID
    item_id: UUID
    visible: bool
    state: State
    overrides: list[str]
    changes: list[FieldRead]


class LibraryLink(Schema, kw_only=True):
    """What an item of a resume is a use of."""

    id: UUID
    state: State
    overrides: list[str]


class Propagate(Command, frozen=True, kw_only=True):
    """The uses to bring up to date: all outdated ones, if left out. `replace` takes the library's wording also where
    a use has its own."""

    item_ids: ItemIds | None = None
    overrides: Literal["keep", "replace"] = "keep"


class Keep(Command, frozen=True, kw_only=True):
    """The uses that stay as they are: all outdated ones, if left out."""

    item_ids: ItemIds | None = None


class Outcome(Schema, kw_only=True):
    """What happened to one use. `kept` are fields that it words in its own way, `conflicts` those that the library
    changed as well. The use of a resume that is `locked` stays outdated."""

    item_id: UUID
    resume_id: UUID
    result: Literal["updated", "unchanged", "locked"]
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


class Outcomes(Schema, kw_only=True):
    """What happened to each use; with `more`, there were too many for one request: ask again."""

    uses: list[Outcome]
    more: bool
