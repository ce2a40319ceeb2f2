"""What both versions of Reactive Resume have in common: items of known kinds in sections with looks."""

import msgspec

from api.imports import prose
from api.imports.drafts import Draft, Entry, Part
from api.imports.reading import Reader

TECHNICAL = ("id", "icon", "hidden", "visible")
"""Members that say nothing of the person, and so are no content."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """How the items of a section are told in JSON Resume: its member, then which of their fields goes where.

    `prose` is rich text. If `highlights`, a list at its end is told apart. `rating` is a number of five that JSON
    Resume has no member for.
    """

    section: str
    texts: dict[str, str] = {}
    lists: dict[str, str] = {}
    period: str = ""
    date: tuple[str, str] = ("", "")
    prose: tuple[str, str] = ("", "")
    highlights: bool = False
    rating: str = ""


def convert(item: Reader, kind: Kind, draft: Draft) -> Entry:
    """An item of `kind` as an entry; what is not in the kind stays under its own name."""
    entry = Entry()
    for source, target in kind.texts.items():
        entry.put(target, item.text(source))
    if kind.period:
        draft.period(entry, item.get(kind.period))
    if kind.date[0]:
        draft.date(entry, kind.date[1], item.get(kind.date[0]))
    put_link(entry, item.get("url", "website"))
    put_prose(entry, item.get(kind.prose[0]), kind.prose[1], highlights=kind.highlights)
    for source, target in kind.lists.items():
        entry.put(target, item.texts(source))
    if kind.rating and isinstance(item.get(kind.rating).value, int | float) and item.get(kind.rating).value:
        entry.put("rating", item.get(kind.rating).take())
    entry.add(item.rest(*TECHNICAL, *((kind.rating,) if kind.rating else ())))
    return entry


def put_link(entry: Entry, link: Reader) -> None:
    """A link is an address, or an address (`href`, later `url`) with a label."""
    entry.put("url", link.text() or link.text("href", "url"))
    entry.put("urlLabel", link.text("label"))


def put_prose(entry: Entry, written: Reader, name: str, *, highlights: bool) -> None:
    if not name:
        return
    if highlights:
        told = prose.read(written.text())
        entry.put(name, told.text)
        entry.put("highlights", told.highlights)
    else:
        entry.put(name, prose.text(written.text()))


def shows(thing: Reader) -> bool:
    """Whether an item or a section is shown: `visible` until version 4, `hidden` since 5."""
    return thing.flag("visible") is not False and thing.flag("hidden") is not True


def open_part(draft: Draft, section: Reader, name: str, *, kind: str = "") -> Part:
    """The section with the looks it has in the source."""
    part = draft.part(name, kind=kind)
    part.visible = shows(section)
    draft.say_title(part, section.get("title", "name"))
    draft.say_columns(part, section.get("columns"))
    return part


def read_profiles(draft: Draft, section: Reader, kind: Kind) -> None:
    """Profiles are no section of JSON Resume; those that are hidden become one, for only that can hide them."""
    is_shown = shows(section)
    shown: list[tuple[Entry, bool]] = []
    hidden: list[tuple[Entry, bool]] = []
    for item in section.elements("items"):
        item_shows = shows(item.object())
        (shown if is_shown and item_shows else hidden).append((convert(item, kind, draft), item_shows))
    draft.basics.put("profiles", [entry for entry, _ in shown])
    if hidden:
        part = draft.part("profiles")
        part.visible = is_shown
        for entry, item_shows in hidden:
            part.add(entry, visible=item_shows)


def read_summary(draft: Draft, section: Reader) -> None:
    """The summary is no section of JSON Resume either, unless it is hidden."""
    text = prose.text(section.text("content"))
    if shows(section):
        draft.basics.put("summary", text)
    elif text:
        part = open_part(draft, section, "summary")
        part.visible = False
        part.add({"text": text})


def arrange(draft: Draft, pages: list[list[Reader]], parts: dict[str, Part]) -> None:
    """Puts the sections into the order of the layout: page by page, column after column. `parts` are the sections by
    the names that the layout has for them. What begins a page of its own says so."""
    order: list[Part] = []
    for number, page in enumerate(pages):
        starts = True
        for reference in page:
            name = reference.value if isinstance(reference.value, str) else ""
            if name in ("summary", "profiles"):
                reference.take()
            if name in parts and parts[name] not in order:
                reference.take()
                order.append(parts[name])
                parts[name].page_break_before = bool(number and starts)
                starts = False
    draft.parts = order + [part for part in draft.parts if part not in order]
