"""Sections and items as they are read here: values that stay as they were, whatever a transaction writes."""

from uuid import UUID

from msgspec import Struct


class Ranked(Struct, frozen=True, kw_only=True):
    """Something that has a place in a list."""

    id: UUID
    rank: str


class SectionRow(Ranked, frozen=True, kw_only=True):
    """A section, and how many items it has."""

    name: str
    kind: str
    title: str | None
    visible: bool
    columns: int
    page_break_before: bool
    keep_together: bool
    version: int
    item_count: int

    @property
    def ranks(self) -> tuple[str, ...]:
        return (self.rank,)


class ItemRow(Ranked, frozen=True, kw_only=True):
    """An item, and the rank of its section; `data` is JSON text. `library_text` is what its library item says now.

    `of_all` is how many bytes the JSON of all items of the resume takes, where that was asked for.
    """

    section_id: UUID
    section_rank: str
    kind: str
    data: str
    visible: bool
    version: int
    library_item_id: UUID | None = None
    library_base: str | None = None
    library_text: str | None = None
    counterpart_id: UUID | None = None
    of_all: int | None = None

    @property
    def ranks(self) -> tuple[str, ...]:
        return (self.section_rank, self.rank)
