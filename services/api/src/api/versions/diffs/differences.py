"""What differs between two states of a resume, completely: `patches.apply(before, between(before, after)) == after`."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from api.contents import codec
from api.contents.snapshots import ItemState, SectionLook, SectionState, Snapshot
from api.versions.diffs import values
from api.versions.diffs.changes import Change
from api.versions.diffs.lists import align
from api.versions.diffs.states import State, others

LOOKS = {field.encode_name: field.name for field in msgspec.structs.fields(SectionLook) if field.name != "id"}
"""What a section is but its items: the name that goes out, and the column."""


class Place(msgspec.Struct, frozen=True):
    """Where an item stands."""

    section: SectionState
    position: int
    item: ItemState


def between(before: State, after: State) -> list[Change]:
    """All changes that make `after` of `before`: of the resume, its basics and other members, then section by section
    in the order of `after`, with their items; what is gone comes last. None for the same state."""
    return [
        *_of_resume(before, after),
        *_of_members(before.snapshot, after.snapshot),
        *_of_sections(before.snapshot, after.snapshot),
        *_of_items(before.snapshot, after.snapshot),
    ]


def look(section: SectionState) -> dict[str, Any]:
    return {name: getattr(section, column) for name, column in LOOKS.items()}


def _of_resume(before: State, after: State) -> Iterator[Change]:
    for name in ("title", "language"):
        was, is_now = getattr(before, name), getattr(after, name)
        if was != is_now:
            yield Change(op="change", where="resume", attribute=name, before=was, after=is_now)


def _of_members(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for edit in values.between(others(before), others(after)):
        member, *path = values.tokens(edit.path)
        yield _edited(
            edit,
            Change(op=edit.op, where="basics" if member == "basics" else "member", member=member),
            path=values.pointer(*path) if path else None,
        )


def _edited(edit: values.Edit, change: Change, *, path: str | None) -> Change:
    """`change` with what `edit` says; `path` is the edit's own, in what the change is about."""
    origin = None if edit.from_path is None or path is None else _sibling(path, edit.from_path)
    return msgspec.structs.replace(change, path=path, from_path=origin, before=edit.before, after=edit.after)


def _sibling(path: str, origin: str) -> str:
    """The path of the place that `origin` ends with, in the list that `path` is of."""
    return f"{path.rpartition('/')[0]}/{origin.rpartition('/')[2]}"


def _of_sections(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    alignment = align([s.id for s in before.sections], [s.id for s in after.sections])
    for new in alignment.added:
        section = after.sections[new]
        yield _of_section("add", section, position=new, after=look(section))
    for old, new in alignment.moved:
        yield _of_section("move", after.sections[new], from_position=old, position=new)
    for old, new in sorted(alignment.kept + alignment.moved, key=lambda pair: pair[1]):
        was, is_now = before.sections[old], after.sections[new]
        for name, column in LOOKS.items():
            one, other = getattr(was, column), getattr(is_now, column)
            if one != other:
                yield _of_section("change", is_now, attribute=name, before=one, after=other)
    for old in alignment.removed:
        section = before.sections[old]
        yield _of_section("remove", section, from_position=old, before=look(section))


def _of_section(op: values.Op, section: SectionState, **fields: Any) -> Change:
    return Change(op=op, where="section", section_id=section.id, section=section.name, **fields)


def _of_items(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    were, are = _places(before), _places(after)
    sections = {section.id: section for section in before.sections}
    for section in after.sections:
        yield from _in_section(section, sections.get(section.id), were)
    for place in were.values():
        if place.item.id not in are:
            was = codec.decode(place.item.data)
            yield _of_item("remove", place.section, place.item, from_position=place.position, before=was)


def _places(snapshot: Snapshot) -> dict[UUID, Place]:
    return {
        item.id: Place(section, position, item)
        for section in snapshot.sections
        for position, item in enumerate(section.items)
    }


def _in_section(section: SectionState, was: SectionState | None, were: dict[UUID, Place]) -> Iterator[Change]:
    alignment = align([item.id for item in was.items] if was else [], [item.id for item in section.items])
    moved = {new for _, new in alignment.moved} | set(alignment.added)
    for position, item in enumerate(section.items):
        place = were.get(item.id)
        if place is None:
            yield _of_item(
                "add", section, item, position=position, visible=item.visible, after=codec.decode(item.data)
            )
            continue
        if position in moved:
            yield _of_item(
                "move",
                section,
                item,
                from_section_id=None if place.section.id == section.id else place.section.id,
                from_position=place.position,
                position=position,
            )
        yield from _within(section, place.item, item)


def _within(section: SectionState, was: ItemState, item: ItemState) -> Iterator[Change]:
    if was.visible != item.visible:
        yield _of_item("change", section, item, attribute="visible", before=was.visible, after=item.visible)
    if was.data != item.data:
        for edit in values.between(codec.decode(was.data), codec.decode(item.data)):
            yield _edited(edit, _of_item(edit.op, section, item), path=edit.path)


def _of_item(op: values.Op, section: SectionState, item: ItemState, **fields: Any) -> Change:
    return Change(op=op, where="item", section_id=section.id, section=section.name, item_id=item.id, **fields)
