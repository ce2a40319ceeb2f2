"""What has to be written so that the rows of a list become a new list."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from api.contents.matching import rank
from common.ids import new_id


class Stored(Protocol):
    """A row of a list: a section or an item."""

    @property
    def id(self) -> UUID: ...
    @property
    def rank(self) -> str: ...


class Changes(msgspec.Struct):
    """Rows to insert, to update (by `id`) and to delete. `ids` are those of the new list, in its order."""

    ids: list[UUID] = []
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    deletes: list[UUID] = []

    def __bool__(self) -> bool:
        return bool(self.inserts or self.updates or self.deletes)

    def add(self, other: "Changes", **values: Any) -> None:
        """Take over the rows of `other`; its new ones get `values` too."""
        self.inserts += [row | values for row in other.inserts]
        self.updates += other.updates
        self.deletes += other.deletes


def between(
    old: Sequence[Stored], new: Sequence[str], found: Sequence[int | None], *, column: str
) -> Changes:
    """From the rows `old` to a list that says `new` in `column`; `found` tells which row each of `new` is."""
    ranks = rank([None if index is None else old[index].rank for index in found])
    changes = Changes()
    for index, text, wanted in zip(found, new, ranks, strict=True):
        row = new_id() if index is None else old[index].id
        changes.ids.append(row)
        values = {"id": row, "rank": wanted, column: text}
        if index is None:
            changes.inserts.append(values)
        elif getattr(old[index], column) != text or old[index].rank != wanted:
            changes.updates.append(values)
    kept = set(found)
    changes.deletes = [row.id for index, row in enumerate(old) if index not in kept]
    return changes
