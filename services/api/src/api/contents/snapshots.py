"""A resume's whole content as one value: what is frozen, copied, compared and restored.

A document says what a resume says; the layout beside it says what a JSON Resume has no words for: which parts are
hidden, how sections are headed and set, and the ids by which parts stay themselves.
"""

import hashlib
from collections import deque
from collections.abc import Collection, Iterable
from typing import Annotated, Any
from uuid import UUID

import msgspec

from api.contents import codec, likeness
from api.contents.document import Parts, join, split
from api.contents.matching import follow
from common.ids import new_id


class ItemState(msgspec.Struct, frozen=True, kw_only=True):
    """An item as it is meant to be; `data` is JSON text."""

    id: UUID
    data: str
    visible: bool = True


class SectionLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A section without its items."""

    id: UUID
    name: str
    kind: str
    title: str | None = None
    visible: bool = True
    columns: int = 1
    page_break_before: bool = False
    keep_together: bool = False


class SectionState(SectionLook, frozen=True, kw_only=True):
    """A section as it is meant to be, its items in order."""

    items: list[ItemState]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that a resume says: its document in parts, its sections in the document's order."""

    members: list[str]
    basics: str | None
    extra: str
    sections: list[SectionState]

    def content(self) -> bytes:
        """The document as canonical JSON, hidden parts included."""
        return codec.canonical(codec.decode(join(self._parts(self.sections))))

    def visible(self) -> bytes:
        """The document as compact JSON, without what is hidden."""
        shown = [
            msgspec.structs.replace(section, items=[item for item in section.items if item.visible])
            for section in self.sections
            if section.visible
        ]
        hidden = {section.name for section in self.sections if not section.visible}
        parts = self._parts(shown)
        return join(
            msgspec.structs.replace(parts, members=[name for name in parts.members if name not in hidden])
        )

    def layout(self, restored: "Restored | None" = None) -> bytes:
        """The layout as canonical JSON (`Layout`)."""
        layout = msgspec.to_builtins(Layout([_layout(section) for section in self.sections], restored))
        if restored is None:
            del layout["restored"]
        return codec.canonical(layout)

    def _parts(self, sections: Iterable[SectionState]) -> Parts:
        texts = {section.name: [item.data for item in section.items] for section in sections}
        return Parts(members=self.members, basics=self.basics, extra=self.extra, sections=texts)


EMPTY = Snapshot(members=[], basics=None, extra="{}", sections=[])


class ItemLayout(msgspec.Struct, frozen=True):
    id: UUID
    visible: bool = True


class SectionLayout(SectionLook, frozen=True, kw_only=True):
    items: list[ItemLayout]


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """Marks a version as a return to an earlier one, both by their numbers: else it would be the earlier one, for what
    says and looks the same is one version."""

    of: Annotated[int, msgspec.Meta(ge=1)]
    number: Annotated[int, msgspec.Meta(ge=1)]


class Layout(msgspec.Struct, frozen=True):
    """What a frozen version keeps beside its document."""

    sections: list[SectionLayout] = []
    restored: Restored | None = None


def digest(content: bytes, layout: bytes) -> str:
    """The SHA-256, in hexadecimal, of the canonical JSON `{"content": …, "layout": …}`."""
    return hashlib.sha256(b'{"content":' + content + b',"layout":' + layout + b"}").hexdigest()


def thaw(content: str, layout: str, *, like: Snapshot = EMPTY) -> Snapshot:
    """The snapshot that `content` and `layout` were made of, its sections in the layout's order.

    Without a layout (of an old release) parts are matched with those of `like`, or are new.
    """
    known = msgspec.json.decode(layout, type=Layout).sections
    document = codec.decode(content)
    if not known:
        names = [section.name for section in like.sections]
        return _in_order(adopt(split(document, first=names), like).snapshot, names)
    names = [section.name for section in known]
    left = document.keys() - {"basics", *names}
    return Snapshot(
        members=arranged(list(document), names),
        basics=_text(document["basics"]) if "basics" in document else None,
        extra=_text({name: value for name, value in document.items() if name in left}),
        sections=[_thaw(section, document[section.name]) for section in known],
    )


def _thaw(section: SectionLayout, values: list[Any]) -> SectionState:
    items = [
        ItemState(id=item.id, data=_text(value), visible=item.visible)
        for item, value in zip(section.items, values, strict=True)
    ]
    return SectionState(**look(section), items=items)


def _in_order(snapshot: Snapshot, names: list[str]) -> Snapshot:
    """`snapshot` with its sections in the order of `names`, others after them."""
    place = {name: index for index, name in enumerate(names)}
    sections = sorted(snapshot.sections, key=lambda section: place.get(section.name, len(names)))
    members = arranged(snapshot.members, [section.name for section in sections])
    return msgspec.structs.replace(snapshot, members=members, sections=sections)


class Adopted(msgspec.Struct, frozen=True):
    """The next state of a snapshot, and the paths of entries that are hidden because they may be what was hidden."""

    snapshot: Snapshot
    doubtful: list[str]


def adopt(parts: Parts, old: Snapshot) -> Adopted:
    """`parts` as the next state of `old`: sections by name and items by what they say keep their ids and looks."""
    before = {section.name: section for section in old.sections}
    lost = _lost(parts, old)
    sections, doubtful = [], []
    for name, texts in parts.sections.items():
        section, places = _adopt(name, texts, before.get(name), lost)
        sections.append(section)
        doubtful += [f"$.{name}[{place}]" for place in sorted(places)]
    snapshot = Snapshot(members=parts.members, basics=parts.basics, extra=parts.extra, sections=sections)
    return Adopted(snapshot, doubtful)


def _lost(parts: Parts, old: Snapshot) -> set[str]:
    """What is hidden and says something, and is in its section no more: elsewhere it is to be hidden as well."""
    found: set[str] = set()
    for section in old.sections:
        hidden = {item.data for item in section.items if not (section.visible and item.visible)}
        found |= hidden.difference(parts.sections.get(section.name, []))
    return {text for text in found if likeness.said(text).words}


def _adopt(
    name: str, texts: list[str], old: SectionState | None, lost: Collection[str]
) -> tuple[SectionState, set[int]]:
    state = old or SectionState(id=new_id(), name=name, kind=name, items=[])
    hidden = {place for place, item in enumerate(state.items) if not item.visible}
    found = follow([item.data for item in state.items], texts, hidden=hidden)
    items, doubtful = [], found.doubtful
    for place, (origin, text) in enumerate(zip(found.origins, texts, strict=True)):
        known = None if origin is None else state.items[origin]
        if text in lost and (known is None or known.data != text):
            doubtful.add(place)
        visible = place not in doubtful and (known is None or known.visible)
        items.append(ItemState(id=known.id if known else new_id(), data=text, visible=visible))
    return msgspec.structs.replace(state, items=items), doubtful


def renewed(snapshot: Snapshot) -> tuple[Snapshot, dict[UUID, UUID]]:
    """The same with new ids, for another resume, and which of the new ids stands for which old one."""
    ids = {section.id: new_id() for section in snapshot.sections}
    ids |= {item.id: new_id() for section in snapshot.sections for item in section.items}
    sections = [
        msgspec.structs.replace(
            section,
            id=ids[section.id],
            items=[msgspec.structs.replace(item, id=ids[item.id]) for item in section.items],
        )
        for section in snapshot.sections
    ]
    return msgspec.structs.replace(snapshot, sections=sections), ids


def arranged(members: list[str], sections: Iterable[str], *, gone: Collection[str] = ()) -> list[str]:
    """`members` with the names of `sections`, all that there are, in their order.

    Those that are members already share the places that they have; a new one comes before the one that follows it,
    or last. Members in `gone` leave; others stay where they are.
    """
    wanted = list(sections)
    known = set(members)
    left = deque(name for name in wanted if name in known)
    kept = set(left)
    placed = [left.popleft() if name in kept else name for name in members if name not in gone]
    following: str | None = None
    for name in reversed(wanted):
        if name not in known:
            placed.insert(len(placed) if following is None else placed.index(following), name)
        following = name
    return placed


def look(section: SectionLook) -> dict[str, Any]:
    """What of a section is not its items, by the columns of its row."""
    return {name: getattr(section, name) for name in SectionLook.__struct_fields__}


def _layout(section: SectionState) -> SectionLayout:
    items = [ItemLayout(item.id, item.visible) for item in section.items]
    return SectionLayout(**look(section), items=items)


def _text(value: Any) -> str:
    return codec.encode(value).decode()
