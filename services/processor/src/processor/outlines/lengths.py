"""How much there is of what stays together on a page. What is longer than a page has to be broken, and its pages looked at.

Lengths are in letters of the usual size, roughly: they tell in some microseconds what is usual from what is not.
"""

from collections.abc import Iterable, Sequence

from processor.outlines.heads import Head
from processor.outlines.outline import Detail, Entry, Section

_A_LINE, _A_COMMA = 20, 4
"""What an item of a list counts besides its letters: where it may have a line to itself, and where lists run on."""
_NAME, _TITLE = 9, 3
"""How many letters take as much room as one of a name, or of a title in a narrow column."""
_EAST_ASIA = "\u1100"
"""From here on most letters are as wide as two."""


def of_section(section: Section) -> int:
    """The longest of what stays together in a section: its title or an entry; all entries where they share lines."""
    entries = section.entries
    if section.columns > 1:
        longest = max(_of_entry(entry) + of_lines([*entry.paragraphs, *entry.bullets]) for entry in entries)
    elif all(_is_short_term(entry) for entry in entries):
        longest = sum(map(_of_entry, entries))
    else:
        texts = (text for entry in entries for text in (*entry.paragraphs, *entry.bullets))
        longest = max(*map(_of_entry, entries), of_paragraphs(texts))
    return max(_TITLE * letters(section.title), longest)


def of_head(head: Head) -> int:
    """The longest of what stands at the head of a document."""
    own = [fact for item in head.profiles for fact in item.facts]
    addresses = [item.url for item in head.profiles if item.url]
    details = [*head.contacts, *head.facts, *own, *addresses]
    named = [item.network + item.username for item in head.profiles]
    return max(
        _NAME * letters(head.name),
        _TITLE * letters(head.headline),
        of_paragraphs(head.summary),
        *(letters(detail.label + detail.text) for detail in details),
        *map(letters, named),
        _of_details(details) // 4,  # they stand in several columns, or run on
    )


def of_paragraphs(texts: Iterable[str]) -> int:
    """Of paragraphs, the long ones of which are broken anyway: half of the longest."""
    return max(map(letters, texts), default=0) // 2


def of_lines(texts: Sequence[str]) -> int:
    """Of lines that stay together."""
    return letters("".join(texts)) + _A_LINE * len(texts)


def letters(text: str) -> int:
    """How many letters wide a text is."""
    return len(text) if text.isascii() else len(text) + sum(letter > _EAST_ASIA for letter in text)


def _is_short_term(entry: Entry) -> bool:
    return entry.is_term and not (entry.tags or entry.details or entry.facts)


def _of_entry(entry: Entry) -> int:
    """All of it but its paragraphs and bullets."""
    words = [entry.title, entry.note, entry.dates, entry.tagline, *entry.subtitle, *entry.tags]
    for group in entry.groups:
        words += group.items
    details = _of_details([*entry.details, *entry.facts])
    return letters("".join(words)) + _A_COMMA * len(words) + details


def _of_details(details: Sequence[Detail]) -> int:
    return of_lines([detail.label + detail.text for detail in details]) if details else 0
