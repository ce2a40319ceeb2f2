"""A whole resume as its page shows it: only what is visible, in its order, under its titles."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from api.contents import codec
from api.contents.snapshots import SectionState, Snapshot
from api.shares.reading import texts
from api.shares.reading.entries import Entry, entries_of, kind_of, place
from api.shares.reading.fields import Fact, Fields, Writing
from api.shares.reading.letter import Letter, letter

_NO_SECTIONS = frozenset({"basics", "profiles", "$schema", "meta"})
_PICTURES = ("image", "picture", "photo")


class Section(msgspec.Struct, frozen=True):
    """A titled list. `layout` is `entries`, `terms` or `quotes`; `looks` are the classes of its element. `is_usual`:
    its title is ours, not the writer's."""

    id: str
    title: str
    is_usual: bool
    layout: str
    looks: str
    entries: Sequence[Entry]


class Head(msgspec.Struct, frozen=True):
    """Whose document it is, and how to reach them."""

    name: str
    headline: str
    contacts: Sequence[Fact]
    profiles: list[Fact]
    facts: list[Fact]
    summary: Sequence[Markup]


class Outline(msgspec.Struct, frozen=True):
    """`letter` is there in a cover letter, whose other members are its sections."""

    head: Head
    letter: Letter | None
    sections: Sequence[Section]


def outline(snapshot: Snapshot, writing: Writing, *, kind: str = "resume") -> Outline:
    """What `snapshot`, of a document of that kind, shows."""
    document = codec.decode(snapshot.visible())
    head = head_of(document.get("basics"), document.get("profiles"), writing)
    words, members = None, {name: value for name, value in document.items() if name not in _NO_SECTIONS}
    if kind == "cover-letter":
        words, members = letter(members, writing, name=head.name)
    states = {state.name: state for state in snapshot.sections}
    return Outline(head=head, letter=words, sections=_sections(members, states, writing))


def head_of(basics: Any, profiles: Any, writing: Writing) -> Head:
    """The head of a document with these members."""
    fields = Fields(basics if isinstance(basics, dict) else {"summary": basics}, writing)
    for picture in _PICTURES:
        fields.take(picture)
    name = fields.text("name") or f"{fields.text('firstName')} {fields.text('lastName')}".strip()
    return Head(
        name=name,
        headline=fields.text("label", "headline", "title"),
        summary=fields.body("summary", "about", "bio"),
        contacts=_contacts(fields, writing),
        profiles=_profiles(fields.take("profiles"), profiles, writing),
        facts=fields.facts(),
    )


def _contacts(fields: Fields, writing: Writing) -> list[Fact]:
    translate = writing.translate
    phones = [
        Fact(text, translate("Phone"), texts.phone_target(text)) for text in fields.many("phone", "tel")
    ]
    where = place(fields.take("location", "address"), writing)
    return [
        *fields.links(translate("Email"), "email"),
        *phones,
        *fields.links(translate("Website"), "url", "website"),
        *([Fact(where, translate("Address"))] if where else []),
    ]


def _profiles(of_basics: Any, of_document: Any, writing: Writing) -> list[Fact]:
    listed = [value if isinstance(value, list) else [value] for value in (of_basics, of_document)]
    items = [item if isinstance(item, dict) else {"url": item} for found in listed for item in found if item]
    return [profile for item in items for profile in _profile(Fields(item, writing))]


def _profile(fields: Fields) -> list[Fact]:
    """An account on a network, under the name that it has there; then what else is said of it."""
    network, username = fields.text("network", "name"), fields.text("username", "user", "handle")
    links = fields.links("", "url", "website")
    first = links.pop(0) if links else Fact("")
    shown = Fact(username or first.text, network, first.href)
    if username and first.text and not first.href:
        links = [first, *links]
    return [fact for fact in [shown, *links, *fields.facts()] if fact.text]


def _sections(
    members: Mapping[str, Any], states: Mapping[str, SectionState], writing: Writing
) -> list[Section]:
    found = (
        _section(name, value, states.get(name), number, writing)
        for number, (name, value) in enumerate(members.items(), 1)
    )
    return [section for section in found if section.entries]


def _section(name: str, value: Any, state: SectionState | None, number: int, writing: Writing) -> Section:
    kind = kind_of(state.kind if state else name)
    found = entries_of(value, kind, writing)
    is_terms = not kind.heading and bool(found) and all(entry.is_term for entry in found)
    layout = "terms" if is_terms else kind.layout
    title = texts.line(state.title or "") if state else ""
    usual = writing.translate(kind.heading) if kind.heading else texts.humanised(name)
    return Section(
        id=f"s{number}",
        title=title or usual,
        is_usual=bool(kind.heading) and not title,
        layout=layout,
        looks=_looks(state, layout),
        entries=found,
    )


def _looks(state: SectionState | None, layout: str) -> str:
    looks = ["section", layout]
    if state is not None:
        looks += [f"columns-{state.columns}"] * (state.columns > 1)
        looks += ["break"] * state.page_break_before + ["together"] * state.keep_together
    return " ".join(looks)
