"""What has to be written so that the rows of a resume become what they are meant to be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from api.contents.matching import rank
from api.contents.snapshots import SectionState, look


class Stored(Protocol):
    """A row of a list: a section or an item."""

    @property
    def id(self) -> UUID: ...
    @property
    def rank(self) -> str: ...
    @property
    def version(self) -> int: ...


class StoredItem(Stored, Protocol):
    @property
    def section_id(self) -> UUID: ...


class Changes(msgspec.Struct):
    """Rows to insert, to update (by `id`, with their next `version`) and to delete."""

    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    deletes: list[UUID] = []

    def __bool__(self) -> bool:
        return bool(self.inserts or self.updates or self.deletes)


def of_sections(
    old: Sequence[Stored], new: Sequence[SectionState], *, counts: Mapping[UUID, int], resume_id: UUID
) -> Changes:
    """`counts` is how many items each section has. A section with more or fewer of them is another version of it."""
    rows = {row.id: row for row in old}
    resized = {state.id for state in new if counts.get(state.id, 0) != len(state.items)}
    ranks = rank([rows[state.id].rank if state.id in rows else None for state in new])
    wanted = [{**look(state), "rank": key} for state, key in zip(new, ranks, strict=True)]
    return _compare(rows, wanted, resume_id, changed=resized)


def of_items(old: Sequence[StoredItem], new: Iterable[SectionState], *, resume_id: UUID) -> Changes:
    rows = {row.id: row for row in old}
    wanted: list[dict[str, Any]] = []
    for section in new:
        ranks = rank([_rank_in(section.id, rows.get(item.id)) for item in section.items])
        place = {"section_id": section.id, "kind": section.kind}
        wanted += [
            {"id": item.id, "visible": item.visible, "data": item.data, "rank": key, **place}
            for item, key in zip(section.items, ranks, strict=True)
        ]
    return _compare(rows, wanted, resume_id)


def _rank_in(section_id: UUID, row: StoredItem | None) -> str | None:
    """The rank of `row`, which means something only among the items of one section."""
    return row.rank if row is not None and row.section_id == section_id else None


def _compare(
    old: Mapping[UUID, Stored],
    wanted: list[dict[str, Any]],
    resume_id: UUID,
    *,
    changed: Collection[UUID] = (),
) -> Changes:
    changes = Changes()
    for values in wanted:
        row = old.get(values["id"])
        if row is None:
            changes.inserts.append(values | {"resume_id": resume_id})
        elif row.id in changed or any(getattr(row, name) != value for name, value in values.items()):
            changes.updates.append(values | {"version": row.version + 1})
    kept = {values["id"] for values in wanted}
    changes.deletes = [key for key in old if key not in kept]
    return changes
