"""Where words were found, as it goes out."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from common.schemas import Schema

Field = Literal["title", "tags", "basics", "extra", "section", "item"]
Offset = Annotated[int, Meta(ge=0)]


class Range(Schema, kw_only=True):
    """Characters (Unicode code points) of a text, from `start` to before `end`."""

    start: Offset
    end: Offset


class Match(Schema, kw_only=True):
    """A piece of plain text in which words were found, and where in it they are.

    `field` says whose text it is; of an item `sectionId` and `itemId` say which, of a section's title `sectionId`.
    """

    field: Field
    section_id: UUID | None = None
    item_id: UUID | None = None
    text: str
    ranges: list[Range]
