"""An outline as a row of blocks: what a page of text is made of, in the order that it is read in.

The writers of text, Markdown and DOCX differ in how a block looks; what there is, and what comes after what, is decided
here once.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from processor.formats.reading import Outlined
from processor.outlines.letter import Letter
from processor.outlines.outline import Detail, Entry, Outline, Profile, Section

Role = Literal[
    "name",
    "headline",
    "contact",
    "heading",
    "entry",
    "details",
    "tagline",
    "paragraph",
    "bullet",
    "term",
    "quote",
    "words",
    "address",
    "date",
    "closing",
    "signature",
]

_PLAIN = frozenset({"email", "phone", "url", "place"})
"""Kinds of details that show what they are."""


class Part(msgspec.Struct, frozen=True):
    """A piece of a line: what it is called (`Phone`), what it says, and where it leads. One that `is_plain` can be told
    without its label."""

    text: str
    label: str = ""
    href: str = ""
    is_plain: bool = False


class Block(msgspec.Struct, frozen=True):
    """A line or paragraph. How its `parts` are set apart is up to its role: `details` by a sign, an `address` by lines.

    `head` and `note` are of a term alone: `Python (expert): asyncio, typing`; `dates` come last in `details`. `starts_page`
    and `stays` (with the next block, on its page) are for formats that have pages.
    """

    role: Role
    parts: Sequence[Part]
    head: str = ""
    note: str = ""
    dates: str = ""
    starts_page: bool = False
    stays: bool = False


def blocks_of(outline: Outlined) -> list[Block]:
    """The blocks of a document, none of them without words."""
    found = _letter(outline) if isinstance(outline, Letter) else _resume(outline)
    return [block for block in found if _has_words(block)]


def _has_words(block: Block) -> bool:
    return bool(block.head or block.note or block.dates or any(part.text for part in block.parts))


def _resume(outline: Outline) -> Iterator[Block]:
    yield from _head(outline)
    if outline.summary:
        yield _line("heading", outline.summary_title, stays=True)
        yield from (_line("paragraph", text) for text in outline.summary)
    for section in outline.sections:
        blocks = list(_section(section, outline.comma))
        stays = section.keep_together
        yield from (msgspec.structs.replace(block, stays=block.stays or stays) for block in blocks[:-1])
        yield from blocks[-1:]


def _letter(letter: Letter) -> Iterator[Block]:
    yield from _head(msgspec.structs.replace(letter, facts=()))
    yield Block("address", [Part(line) for line in letter.recipient])
    yield _line("date", letter.date)
    yield _line("heading", letter.subject, stays=True)
    yield _line("paragraph", letter.salutation, stays=True)
    yield from (_line("paragraph", text) for text in letter.paragraphs)
    yield _line("closing", letter.closing, stays=True)
    yield _line("signature", letter.signature)
    yield from (Block("words", [_part(fact)]) for fact in letter.facts)


def _head(outline: Outlined) -> Iterator[Block]:
    yield _line("name", outline.name)
    yield _line("headline", outline.headline)
    yield from (Block("contact", [_part(contact)]) for contact in outline.contacts)
    yield from (Block("contact", _profile(profile)) for profile in outline.profiles)
    yield from (Block("contact", [_part(fact)]) for fact in outline.facts)


def _profile(profile: Profile) -> list[Part]:
    parts = [Part(profile.username)] if profile.username else []
    parts += [_part(detail) for detail in ([profile.url] if profile.url else []) + list(profile.facts)]
    if not profile.network:
        return parts
    if parts and not parts[0].label:
        return [msgspec.structs.replace(parts[0], label=profile.network, is_plain=False), *parts[1:]]
    return [Part(profile.network), *parts]


def _section(section: Section, comma: str) -> Iterator[Block]:
    yield msgspec.structs.replace(
        _line("heading", section.title, stays=True), starts_page=section.page_break_before
    )
    for entry in section.entries:
        if section.layout == "terms" and entry.is_term:
            yield _term(entry, comma)
        elif section.layout == "quotes" and entry.paragraphs:
            yield from _quote(entry, comma)
        else:
            yield from _entry(entry, comma)


def _term(entry: Entry, comma: str) -> Block:
    words = [Part(comma.join(entry.tags))] if entry.tags else []
    parts = [*words, *map(_part, entry.details), *map(_part, entry.facts)]
    return Block("term", parts, head=entry.title, note=entry.note)


def _quote(entry: Entry, comma: str) -> Iterator[Block]:
    yield from (_line("quote", text, stays=True) for text in entry.paragraphs)
    yield _details(msgspec.structs.replace(entry, subtitle=[entry.title, *entry.subtitle]))
    yield from _body(msgspec.structs.replace(entry, paragraphs=()), comma)


def _entry(entry: Entry, comma: str) -> Iterator[Block]:
    yield _line("entry", entry.title, stays=True)
    yield msgspec.structs.replace(_details(entry), stays=_has_body(entry))
    yield from _body(entry, comma)


def _details(entry: Entry) -> Block:
    """What stands below a title: where, how, when."""
    words = [Part(text) for text in (*entry.subtitle, entry.note) if text]
    return Block("details", [*words, *map(_part, entry.details)], dates=entry.dates)


def _has_body(entry: Entry) -> bool:
    return bool(entry.tagline or entry.paragraphs or entry.bullets)


def _body(entry: Entry, comma: str) -> Iterator[Block]:
    yield _line("tagline", entry.tagline, stays=bool(entry.paragraphs or entry.bullets))
    yield from (_line("paragraph", text) for text in entry.paragraphs)
    yield from (_line("bullet", text) for text in entry.bullets)
    yield _line("words", comma.join(entry.tags))
    yield from (Block("words", [Part(comma.join(group.items), group.label)]) for group in entry.groups)
    yield from (Block("words", [_part(fact)]) for fact in entry.facts)


def _line(role: Role, text: str, *, stays: bool = False) -> Block:
    return Block(role, [Part(text)] if text else [], stays=stays)


def _part(detail: Detail) -> Part:
    return Part(detail.text, detail.label, detail.href, is_plain=detail.kind in _PLAIN)
