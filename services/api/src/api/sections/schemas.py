"""Sections and items as they go in and out."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.library.schemas import LibraryLink
from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Name = Annotated[
    str,
    Meta(
        max_length=64,
        pattern=r"^[A-Za-z][A-Za-z0-9_-]*$(?!\n)",
        description="A member of the document: `work`, `education`, … or one of your own",
        examples=["earlyWork"],
    ),
]
Kind = Annotated[
    str,
    Meta(
        max_length=64,
        pattern=r"^[A-Za-z][A-Za-z0-9_-]*$(?!\n)",
        description="What its items are like: those of JSON Resume's `work`, `education`, …, or of your own kind",
        examples=["work"],
    ),
]
Heading = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=NO_CONTROL_CHARACTERS,
        description="What it is headed with, if not with the usual words for its kind",
        examples=["Professional experience"],
    ),
]
Columns = Annotated[int, Meta(ge=1, le=4, description="How many items stand beside each other")]
Before = Annotated[UUID | None, Meta(description="Directly before this one")]
After = Annotated[UUID | None, Meta(description="Directly after this one; without either: at the end")]
AfterExample = Annotated[After, Meta(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])]
Value = Annotated[
    Any,
    Meta(description="Any JSON value", examples=[{"name": "Analytical Engine", "position": "Programmer"}]),
]


class SectionCreate(Command, frozen=True, kw_only=True):
    """Without a `name` it is the kind, with a number behind it where that is taken."""

    kind: Kind
    name: Name | None = None
    title: Heading | None = None
    visible: bool = True
    columns: Columns = 1
    page_break_before: bool = False
    keep_together: bool = False
    before_id: Before = None
    after_id: After = None


class SectionUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays. A `title` of null is the usual one."""

    kind: Kind | UnsetType = UNSET
    title: Heading | UnsetType | None = UNSET
    visible: bool | UnsetType = UNSET
    columns: Columns | UnsetType = UNSET
    page_break_before: bool | UnsetType = UNSET
    keep_together: bool | UnsetType = UNSET


class SectionMove(Command, frozen=True, kw_only=True):
    """Where to: before or after another section, else to the end."""

    before_id: Before = None
    after_id: AfterExample = None


class SectionRead(Schema, kw_only=True):
    """One list of the document. `name` is its member there and never changes."""

    id: UUID
    name: str
    kind: str
    title: str | None
    visible: bool
    columns: int
    page_break_before: bool
    keep_together: bool
    version: int
    item_count: int


class ItemCreate(Command, frozen=True, kw_only=True):
    data: Value
    visible: bool = True
    before_id: Before = None
    after_id: After = None


class ItemUpdate(Command, frozen=True, kw_only=True):
    """`data` replaces the whole entry; `fields` and `remove` change single members of it and leave the others, and their
    order, as they are."""

    data: Annotated[Any, Meta(description="Any JSON value")] | UnsetType = UNSET
    fields: Annotated[dict[str, Any], Meta(examples=[{"position": "Analyst"}])] | UnsetType = UNSET
    remove: list[str] | UnsetType = UNSET
    visible: bool | UnsetType = UNSET


class ItemMove(Command, frozen=True, kw_only=True):
    """Where to: before or after another item, else to the end, of its own section or of another one."""

    section_id: UUID | None = None
    before_id: Before = None
    after_id: AfterExample = None


class ItemLinks(Schema, kw_only=True):
    """What else the item hangs on: the library item that it is a use of, and what it shares with the same item of
    the other language variants."""

    library: LibraryLink | None
    counterpart_id: UUID | None


class ItemRead(Schema, kw_only=True):
    """One entry of a section."""

    id: UUID
    section_id: UUID
    kind: str
    data: Any
    visible: bool
    version: int
    links: ItemLinks
