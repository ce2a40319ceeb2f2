"""States of a resume in the one form in which they are compared."""

from typing import Any
from uuid import UUID

import msgspec

from api.contents import codec
from api.contents.matching import match
from api.contents.snapshots import EMPTY, SectionState, Snapshot, arranged, thaw


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """What a version has of a state: `content` and `layout` are canonical JSON."""

    resume_id: UUID
    title: str
    language: str
    content: str
    layout: str


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a resume says, every value as canonical JSON, its members but the sections in alphabetical order: of what
    JSON takes for the same there is one form."""

    title: str
    language: str
    snapshot: Snapshot


NOTHING = State(title="", language="", snapshot=EMPTY)


def states(before: Frozen, after: Frozen) -> tuple[State, State]:
    """Both, parts that are the same having the same ids: by their layouts, else by what they say."""
    if _is_bare(before) and not _is_bare(after):
        second = normal(thaw(after.content, after.layout))
        first = normal(thaw(before.content, before.layout, like=second))
    else:
        first = normal(thaw(before.content, before.layout))
        second = normal(thaw(after.content, after.layout, like=first))
    if before.resume_id != after.resume_id:
        second = aligned(second, first)
    return _state(before, first), _state(after, second)


def alone(frozen: Frozen) -> State:
    return _state(frozen, normal(thaw(frozen.content, frozen.layout)))


def normal(snapshot: Snapshot) -> Snapshot:
    """`snapshot` in the form of a `State`."""
    sections = [
        msgspec.structs.replace(
            section,
            items=[msgspec.structs.replace(item, data=_canonical(item.data)) for item in section.items],
        )
        for section in snapshot.sections
    ]
    return msgspec.structs.replace(
        snapshot,
        members=arranged(sorted(snapshot.members), [section.name for section in sections]),
        basics=None if snapshot.basics is None else _canonical(snapshot.basics),
        extra=_canonical(snapshot.extra),
        sections=sections,
    )


def aligned(snapshot: Snapshot, like: Snapshot) -> Snapshot:
    """`snapshot`, of another resume, with the ids of `like` where they have the same sections and items."""
    known = {section.name: section for section in like.sections}
    sections = [_aligned(section, known.get(section.name)) for section in snapshot.sections]
    return msgspec.structs.replace(snapshot, sections=sections)


def others(snapshot: Snapshot) -> dict[str, Any]:
    """The members of the document that are no sections, the basics among them."""
    found: dict[str, Any] = codec.decode(snapshot.extra)
    return found if snapshot.basics is None else found | {"basics": codec.decode(snapshot.basics)}


def text(value: Any) -> str:
    return codec.canonical(value).decode()


def _canonical(data: str) -> str:
    return text(codec.decode(data))


def _aligned(section: SectionState, like: SectionState | None) -> SectionState:
    if like is None:
        return section
    places = match([item.data for item in like.items], [item.data for item in section.items])
    items = [
        item if place is None else msgspec.structs.replace(item, id=like.items[place].id)
        for item, place in zip(section.items, places, strict=True)
    ]
    return msgspec.structs.replace(section, id=like.id, items=items)


def _is_bare(frozen: Frozen) -> bool:
    return frozen.layout == "{}"


def _state(frozen: Frozen, snapshot: Snapshot) -> State:
    return State(title=frozen.title, language=frozen.language, snapshot=snapshot)
