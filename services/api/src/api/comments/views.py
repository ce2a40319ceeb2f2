"""What somebody sees of a resume: all of it, or what a link shows; comments are about that and nothing else."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.contents import codec
from api.contents.snapshots import ItemState, SectionState, Snapshot


class View:
    """The parts of a snapshot, by their ids; `is_whole`: hidden ones among them."""

    def __init__(self, snapshot: Snapshot, *, is_whole: bool) -> None:
        self._snapshot, self.is_whole = snapshot, is_whole

    @property
    def sections(self) -> Iterator[tuple[SectionState, list[ItemState]]]:
        """Each section with its items, in order."""
        for section in self._snapshot.sections:
            if section.visible or self.is_whole:
                yield section, [item for item in section.items if item.visible or self.is_whole]

    @cached_property
    def size(self) -> int:
        """About the bytes that it takes in memory, with all that is looked up in it or made of it for forms."""
        items = [item for section in self._snapshot.sections for item in section.items]
        texts = sum(len(item.data) for item in items) + len(self._snapshot.extra)
        made = 500 * len(items) + 2000 * min(len(items), 1000) + 8 * len(self._snapshot.basics or "")
        return texts + made + 10_000

    @cached_property
    def _by_id(self) -> dict[UUID, SectionState]:
        return {section.id: section for section, _ in self.sections}

    def section(self, section_id: UUID | None) -> SectionState | None:
        return None if section_id is None else self._by_id.get(section_id)

    @cached_property
    def section_ids(self) -> frozenset[UUID]:
        return frozenset(section.id for section, _ in self.sections)

    @cached_property
    def items(self) -> dict[UUID, tuple[UUID, str]]:
        """The section and the JSON text of each item."""
        return {item.id: (section.id, item.data) for section, items in self.sections for item in items}

    @cached_property
    def basics(self) -> Any | UnsetType:
        return UNSET if self._snapshot.basics is None else codec.decode(self._snapshot.basics)

    def entry(self, item_id: UUID | None) -> Any | UnsetType:
        """An item; without an id the basics. UNSET if that is not there."""
        if item_id is None:
            return self.basics
        found = self.items.get(item_id)
        return UNSET if found is None else codec.decode(found[1])
