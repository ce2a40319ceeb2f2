"""A difference between two states of a resume as it goes out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET

from api.versions.diffs.values import Op
from common.schemas import Schema

Where = Literal["resume", "basics", "member", "section", "item"]


class Words(Schema, kw_only=True):
    """Which parts of a text went (`before`) and came (`after`): ranges `[start, end)` in UTF-16 code units, as
    JavaScript's `slice` counts."""

    before: list[tuple[int, int]]
    after: list[tuple[int, int]]


class Change(Schema, kw_only=True, omit_defaults=True):
    """One difference. What it is about: `where`, with `sectionId` and `section` (its member in the document), `itemId`,
    or `member` (another member of the document).

    `path` is a JSON Pointer (RFC 6901) inside the basics, the member or the item; `attribute` names what stands in no
    document (`title`, `visible`, `columns` …). Neither: the whole of it. Entries of a list are named by their place
    afterwards; a removed one, and `fromPath` of one that moved, by its place before. So are `position` and
    `fromPosition` of sections in the resume and of items in their section. To replay a list: take out what is removed
    or moved, put in what is added or moved in ascending order of its place. `words` is left out of very long texts, and
    of the last changes of a page on which very much text changed: ask for smaller pages.
    """

    op: Op
    where: Where
    section_id: UUID | None = None
    section: str | None = None
    item_id: UUID | None = None
    member: str | None = None
    attribute: str | None = None
    path: str | None = None
    from_path: str | None = None
    from_section_id: UUID | None = None
    from_position: int | None = None
    position: int | None = None
    visible: bool = True
    """Of an item that is added: whether it is shown."""
    before: Any = UNSET
    after: Any = UNSET
    words: Words | None = None


class Summary(Schema, kw_only=True):
    """How many changes there are of each kind, and how many sections and items they touch, on all pages."""

    added: int
    removed: int
    changed: int
    moved: int
    sections: int
    items: int


class Side(Schema, kw_only=True):
    """What was compared: a version, or (`versionId` null) what the resume says now. `at` is when it came to say so."""

    version_id: UUID | None
    number: int | None
    name: str | None
    title: str
    language: str
    sha256: str
    at: datetime


class DiffRead(Schema, kw_only=True):
    """What makes `to` of `from`; without a `from` all is new."""

    from_: Side | None = msgspec.field(name="from")
    to: Side
    changes: list[Change]
    summary: Summary
    next_cursor: str | None


def summary(changes: list[Change]) -> Summary:
    ops = [change.op for change in changes]
    return Summary(
        added=ops.count("add"),
        removed=ops.count("remove"),
        changed=ops.count("change"),
        moved=ops.count("move"),
        sections=len({change.section_id for change in changes if change.where == "section"}),
        items=len({change.item_id for change in changes if change.where == "item"}),
    )
