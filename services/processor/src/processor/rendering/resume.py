"""A JSON Resume (1.3.1, older versions, and anything shaped like it) as an outline.

Nothing here refuses content: a wrong type is shown as well as it can be, and a field or section that the schema does not
know is shown under its own name. Left out are only `$schema`, `meta`, and the picture's address.
"""

from collections.abc import Sequence
from typing import Any

from processor.rendering.dates import locale_of
from processor.rendering.entries import ALIASES, SPECS, Spec, Writing, place_text, read_entry, spec_of
from processor.rendering.fields import Fields, is_empty
from processor.rendering.labels import labels_in
from processor.rendering.outline import Detail, Entry, Outline, Profile, Section, arrange
from processor.rendering.text import clean, humanise, many_texts, phone_target

_NOT_SECTIONS = {"basics", "profiles", "$schema", "meta"}
_PICTURES = ("image", "picture")


def read_resume(
    content: dict[str, Any],
    *,
    language: str,
    title: str,
    date_style: str = "short",
    order: Sequence[str] = ("*",),
    hidden: Sequence[str] = (),
) -> Outline:
    """The outline of a resume in a language (BCP 47). `order` and `hidden` name kinds of sections."""
    locale = locale_of(language)
    writing = Writing(language, date_style, labels_in(locale.language))
    basics = Fields(_basics(content), writing.labels)
    for picture in _PICTURES:
        basics.take(picture)
    name = basics.text("name") or " ".join(filter(None, [basics.text("firstName"), basics.text("lastName")]))
    return Outline(
        title=clean(title).replace("\n", " ") or name,
        language=locale.language,
        region=locale.territory or "",
        rtl=locale.character_order == "right-to-left",
        comma=writing.labels["comma"],
        name=name,
        headline=basics.text("label", "headline", "title"),
        summary=basics.paragraphs("summary", "about", "bio"),
        summary_title=writing.labels["summary"],
        contacts=_contacts(basics, writing),
        profiles=_profiles(basics, content, writing),
        facts=basics.facts(),
        sections=arrange(_sections(content, writing), order, hidden),
    )


def _basics(content: dict[str, Any]) -> dict[str, Any]:
    basics = content.get("basics")
    return basics if isinstance(basics, dict) else {"summary": basics}


def _contacts(basics: Fields, writing: Writing) -> list[Detail]:
    labels = writing.labels
    phones = [
        Detail(text, labels["phone"], phone_target(text), "phone") for text in basics.texts("phone", "tel")
    ]
    place = place_text(basics.take("location", "address"), labels)
    places = [Detail(place, labels["address"], "", "place")] if place else []
    return [
        *basics.links(labels["email"], "email", "email"),
        *phones,
        *basics.links(labels["website"], "url", "url", "website"),
        *places,
    ]


def _profiles(basics: Fields, content: dict[str, Any], writing: Writing) -> list[Profile]:
    return [
        _profile(item, writing)
        for value in (basics.take("profiles"), content.get("profiles"))
        for item in (value if isinstance(value, list) else [value])
        if not is_empty(item)
    ]


def _profile(item: Any, writing: Writing) -> Profile:
    fields = Fields(item if isinstance(item, dict) else {"url": item}, writing.labels)
    network, username = fields.text("network", "name"), fields.text("username", "user", "handle")
    urls = fields.links("", "url", "url", "website")
    if urls and username in urls[0].text:
        username = ""
    return Profile(network, username, urls[0] if urls else None, [*urls[1:], *fields.facts()])


def _sections(content: dict[str, Any], writing: Writing) -> list[Section]:
    sections = (
        _section(str(name), value, writing) for name, value in content.items() if name not in _NOT_SECTIONS
    )
    return [section for section in sections if section.entries]


def _section(name: str, value: Any, writing: Writing) -> Section:
    kind = ALIASES.get(name, name)
    spec = spec_of(kind)
    entries = _entries(value, spec, writing)
    layout = spec.layout
    if kind not in SPECS and all(entry.is_term for entry in entries):
        layout = "terms"
    return Section(clean(kind), writing.labels.get(kind) or humanise(name), layout, entries)


def _entries(value: Any, spec: Spec, writing: Writing) -> list[Entry]:
    """The items of a section. Items that are no objects (a list of words, a text) are gathered in one entry."""
    if isinstance(value, str):
        words, items = [], [Entry(paragraphs=many_texts(value, writing.labels))]
    else:
        listed = value if isinstance(value, list) else [value]
        words = [
            text for item in listed if not isinstance(item, dict) for text in many_texts(item, writing.labels)
        ]
        items = [read_entry(item, spec, writing) for item in listed if isinstance(item, dict)]
    gathered = Entry(tags=words) if spec.layout == "terms" else Entry(bullets=words)
    return [entry for entry in [*items, gathered] if not entry.is_blank]
