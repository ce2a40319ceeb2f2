"""Uses of library items as they go in and out of resumes."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, field

from api.library.schemas import LibraryItemRead
from api.sections.schemas import After, Before, ItemRead
from common.schemas import Command, Schema

Fields = Annotated[
    list[Annotated[str, Meta(max_length=1000)]],
    Meta(max_length=1000, description="Names of fields of the entry; `$` is an entry that is no object"),
]


class Use(Command, frozen=True, kw_only=True):
    """`fields` are worded differently in this resume. It comes last, or where `beforeId` or `afterId` says."""

    library_item_id: UUID
    fields: Annotated[dict[str, Any], Meta(description="Members that replace those of the entry")] = field(
        default_factory=dict
    )
    visible: bool = True
    before_id: Before = None
    after_id: After = None


class Link(Command, frozen=True, kw_only=True):
    library_item_id: UUID


class Publish(Command, frozen=True, kw_only=True):
    """The fields whose wording to give to the library; all that are worded differently, if left out."""

    fields: Fields | None = None


class Published(Schema, kw_only=True):
    """The library item as it reads now, and the use that it was given its wording by."""

    library_item: LibraryItemRead
    item: ItemRead
