"""The outline of a document: a resume brought into one shape, which every template and format can print.

Whatever the resume looked like, an outline has no missing fields and no wrong types, so that templates are about looks
alone. It goes to the engine as JSON; a new field needs no new template version, a changed meaning does.
"""

from collections.abc import Sequence

import msgspec


class Detail(msgspec.Struct, frozen=True):
    """A short text with an optional label and link: a place, an address, a field that the schema does not know.

    `short` is what remains of an address on the web without what all of them have; empty for anything else.
    """

    text: str
    label: str = ""
    href: str = ""
    kind: str = ""
    short: str = ""


class Profile(msgspec.Struct, frozen=True):
    """An account on a network. `username` is empty where the address already says it."""

    network: str
    username: str
    url: Detail | None = None
    facts: Sequence[Detail] = ()


class Group(msgspec.Struct, frozen=True):
    """A labelled list of short items, such as courses."""

    label: str
    items: Sequence[str]


class Entry(msgspec.Struct, frozen=True):
    """One job, school, skill or anything else. Every part may be empty."""

    title: str = ""
    subtitle: Sequence[str] = ()
    note: str = ""
    dates: str = ""
    tagline: str = ""
    details: Sequence[Detail] = ()
    paragraphs: Sequence[str] = ()
    bullets: Sequence[str] = ()
    tags: Sequence[str] = ()
    groups: Sequence[Group] = ()
    facts: Sequence[Detail] = ()

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show."""
        return not any(msgspec.structs.astuple(self))

    @property
    def is_term(self) -> bool:
        """Whether this is no more than a name, a note and a few words, and so fits on a line."""
        return not (
            self.subtitle or self.dates or self.tagline or self.paragraphs or self.bullets or self.groups
        )


class Section(msgspec.Struct, frozen=True):
    """A titled list of entries. `layout` is `terms` for lists of words (skills, languages), `quotes`, or `entries`.

    `name` is its member in the document; `columns` (1 to 4) is how many entries stand beside each other.
    """

    name: str
    kind: str
    title: str
    layout: str
    entries: Sequence[Entry]
    columns: int = 1
    page_break_before: bool = False
    keep_together: bool = False


class Picture(msgspec.Struct, frozen=True):
    """A photo: where a template finds it, its size in pixels, and the words for those who do not see it."""

    path: str
    width: int
    height: int
    alt: str


class Outline(msgspec.Struct, frozen=True):
    """A whole document. `language` is an ISO 639 code, `region` an ISO 3166 code or empty; `comma` is what that
    language puts between the items of a list. `made_on` is an ISO date or empty; `kind_title` is what such a document is
    called, for one without a title. `longest` is how long what stays together on a page is, at most (`lengths`)."""

    title: str
    language: str
    region: str
    rtl: bool
    comma: str
    name: str
    headline: str
    contacts: Sequence[Detail]
    profiles: Sequence[Profile]
    facts: Sequence[Detail]
    summary: Sequence[str]
    summary_title: str
    sections: Sequence[Section]
    photo: Picture | None = None
    made_on: str = ""
    kind_title: str = ""
    longest: int = 0


def arrange(sections: Sequence[Section], order: Sequence[str], hidden: Sequence[str]) -> list[Section]:
    """The sections to show, in `order`: kinds, or single sections by their name; `*` stands for all that are not named
    (else they come last). What is equal there stays in the order that the writer gave it."""
    rest = order.index("*") if "*" in order else len(order)
    ranks = {name: rank for rank, name in reversed(list(enumerate(order))) if name != "*"}
    shown = [section for section in sections if not {section.kind, section.name} & set(hidden)]
    return sorted(shown, key=lambda section: ranks.get(section.name, ranks.get(section.kind, rest)))
