"""Changes, carried out: what a reader of a diff may do with it, and how the tests know that a diff is complete."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from api.contents import codec
from api.contents.snapshots import ItemState, SectionState, Snapshot, arranged
from api.versions.diffs import values
from api.versions.diffs.changes import Change
from api.versions.diffs.differences import LOOKS
from api.versions.diffs.states import State, others, text

T = TypeVar("T")
Steps = list[tuple[list[str], Change]]
"""Changes inside a value, each with the rest of its path."""


def apply(before: State, changes: Iterable[Change]) -> State:
    """The state after `changes`, which are all that `differences.between` gave for `before`."""
    by: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by[change.where].append(change)
    named = {change.attribute: change.after for change in by["resume"] if change.attribute}
    members = patched(others(before.snapshot), [(_in_document(c), c) for c in (*by["basics"], *by["member"])])
    sections = _sections(before.snapshot.sections, by["section"])
    snapshot = _assembled(members, _items(sections, before.snapshot, by["item"]))
    return msgspec.structs.replace(before, snapshot=snapshot, **named)


def patched(value: Any, steps: Steps) -> Any:
    """`value` after changes inside it."""
    for path, change in steps:
        if not path:
            return change.after
    if not steps:
        return value
    return _object(value, steps) if isinstance(value, dict) else _list(value, steps)


def _object(value: dict[str, Any], steps: Steps) -> dict[str, Any]:
    result, inner = dict(value), defaultdict[str, Steps](list)
    for (name, *rest), change in steps:
        if rest:
            inner[name].append((rest, change))
        elif change.op == "remove":
            del result[name]
        else:
            result[name] = change.after
    return result | {name: patched(result[name], deeper) for name, deeper in inner.items()}


def _list(value: list[Any], steps: Steps) -> list[Any]:
    leaving, entering, inner = set[int](), list[tuple[int, Any]](), defaultdict[int, Steps](list)
    for (token, *rest), change in steps:
        place = int(token)
        if rest or change.op == "change":
            inner[place].append((rest, change))
        elif change.op == "remove":
            leaving.add(place)
        elif change.op == "add":
            entering.append((place, change.after))
        else:
            origin = int((change.from_path or "").rpartition("/")[2])
            leaving.add(origin)
            entering.append((place, value[origin]))
    result = _rebuilt([entry for place, entry in enumerate(value) if place not in leaving], entering)
    for place, deeper in inner.items():
        result[place] = patched(result[place], deeper)
    return result


def _rebuilt(left: list[T], entering: list[tuple[int, T]]) -> list[T]:
    """`left` with others at the places that they have in the end."""
    for place, entry in sorted(entering, key=lambda pair: pair[0]):
        left.insert(place, entry)
    return left


def _in_document(change: Change) -> list[str]:
    return [change.member or "", *values.tokens(change.path or "")]


def _sections(before: Sequence[SectionState], changes: list[Change]) -> list[SectionState]:
    """The sections, in order, with the items that they had."""
    known = {section.id: section for section in before}
    leaving, entering = set[UUID](), list[tuple[int, UUID]]()
    for change in changes:
        assert change.section_id is not None  # noqa: S101 (a change of a section names it)
        if change.op == "change":
            looks = {LOOKS[change.attribute or ""]: change.after}
            known[change.section_id] = msgspec.structs.replace(known[change.section_id], **looks)
            continue
        leaving.add(change.section_id)
        if change.op == "add":
            looks = {LOOKS[name]: value for name, value in change.after.items()}
            known[change.section_id] = SectionState(id=change.section_id, items=[], **looks)
        if change.position is not None:
            entering.append((change.position, change.section_id))
    order = _rebuilt([section.id for section in before if section.id not in leaving], entering)
    return [known[section_id] for section_id in order]


def _items(sections: list[SectionState], before: Snapshot, changes: list[Change]) -> list[SectionState]:
    known = {item.id: item for section in before.sections for item in section.items}
    leaving, entering = set[UUID](), defaultdict[UUID | None, list[tuple[int, UUID]]](list)
    inner = defaultdict[UUID, Steps](list)
    for change in changes:
        assert change.item_id is not None  # noqa: S101 (a change of an item names it)
        if change.attribute is not None:
            looks = {change.attribute: change.after}
            known[change.item_id] = msgspec.structs.replace(known[change.item_id], **looks)
        elif change.path is not None:
            inner[change.item_id].append((values.tokens(change.path), change))
        else:
            leaving.add(change.item_id)
            if change.op == "add":
                known[change.item_id] = _item(change.item_id, change.after, visible=change.visible)
            if change.position is not None:
                entering[change.section_id].append((change.position, change.item_id))
    for item_id, steps in inner.items():
        item = known[item_id]
        known[item_id] = _item(item_id, patched(codec.decode(item.data), steps), visible=item.visible)
    return [
        msgspec.structs.replace(
            section,
            items=[
                known[item_id]
                for item_id in _rebuilt(
                    [item.id for item in section.items if item.id not in leaving], entering[section.id]
                )
            ],
        )
        for section in sections
    ]


def _item(item_id: UUID, value: Any, *, visible: bool) -> ItemState:
    return ItemState(id=item_id, data=text(value), visible=visible)


def _assembled(members: dict[str, Any], sections: list[SectionState]) -> Snapshot:
    names = [section.name for section in sections]
    extra = {name: value for name, value in members.items() if name != "basics"}
    return Snapshot(
        members=arranged(sorted([*members, *names]), names),
        basics=text(members["basics"]) if "basics" in members else None,
        extra=text(extra),
        sections=sections,
    )
