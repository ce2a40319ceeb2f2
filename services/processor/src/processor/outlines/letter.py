"""A cover letter as an outline: from whom, to whom, when, and the words between.

As with resumes nothing is refused: parts may be missing, of another type, or unknown, and are shown as well as they can be.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from processor.outlines import lengths
from processor.outlines.dates import format_day, locale_of
from processor.outlines.entries import Writing, place_text
from processor.outlines.fields import Fields
from processor.outlines.heads import Head, read_head
from processor.outlines.labels import labels_in
from processor.outlines.outline import Detail, Picture, Profile
from processor.outlines.text import clean, many_texts, one_text

_SUBJECT = 3
"""How many letters take as much room as one of the subject."""
_NOT_SHOWN = ("basics", "profiles", "$schema", "meta")


class Letter(msgspec.Struct, frozen=True):
    """A whole letter; its first fields are those of an `Outline`. `recipient` is an address, line by line.

    `facts` is what letters do not have a place for: `head_facts`, about whom it is from, and `more_facts`, such as enclosures.
    """

    title: str
    language: str
    region: str
    rtl: bool
    comma: str
    name: str
    headline: str
    contacts: Sequence[Detail]
    profiles: Sequence[Profile]
    recipient: Sequence[str]
    date: str
    subject: str
    salutation: str
    paragraphs: Sequence[str]
    closing: str
    signature: str
    facts: Sequence[Detail]
    photo: Picture | None = None
    made_on: str = ""
    kind_title: str = ""
    head_facts: Sequence[Detail] = ()
    more_facts: Sequence[Detail] = ()
    longest: int = 0


def read_letter(content: dict[str, Any], *, language: str, title: str) -> Letter:
    """The letter in a language (BCP 47). Without a signature it is signed with the name of whom it is from."""
    locale = locale_of(language)
    writing = Writing(language, "long", labels_in(locale.language))
    head = read_head(content, writing)
    fields = Fields({k: v for k, v in content.items() if k not in _NOT_SHOWN}, writing.labels)
    subject = fields.text("subject", "re")
    stray = _stray(content, head, writing)
    letter = Letter(
        title=clean(title).replace("\n", " ") or subject or head.name,
        language=locale.language,
        region=locale.territory or "",
        rtl=locale.character_order == "right-to-left",
        comma=writing.labels["comma"],
        name=head.name,
        headline=head.headline,
        contacts=head.contacts,
        profiles=head.profiles,
        recipient=_recipient(fields.take("recipient", "to"), writing),
        date=format_day(fields.text("date"), language),
        subject=subject,
        salutation=fields.text("salutation", "greeting", "opening"),
        paragraphs=fields.paragraphs("paragraphs", "body", "text", "content"),
        closing=fields.text("closing", "valediction"),
        signature=fields.text("signature") or head.name,
        facts=(),
        kind_title=writing.labels["letter"],
    )
    more = [*stray, *fields.facts()]  # what nothing above has taken
    return msgspec.structs.replace(
        letter,
        facts=[*head.facts, *more],
        head_facts=head.facts,
        more_facts=more,
        longest=max(lengths.of_head(head), _longest(letter), lengths.of_lines([fact.text for fact in more])),
    )


def _longest(letter: Letter) -> int:
    """How long the parts of a letter that stay together are, at most."""
    lines = [letter.date, letter.salutation, letter.closing + letter.signature]
    return max(
        _SUBJECT * lengths.letters(letter.subject),
        lengths.of_lines(letter.recipient),
        lengths.of_paragraphs(letter.paragraphs),
        *map(lengths.letters, lines),
    )


def _stray(content: dict[str, Any], head: Head, writing: Writing) -> list[Detail]:
    """A `basics` that is no object, kept as text. The summary of a sender is for the resume alone."""
    text = "" if isinstance(content.get("basics"), dict) else " ".join(head.summary)
    return [Detail(text, writing.labels["summary"], kind="fact")] if text else []


def _recipient(value: object, writing: Writing) -> list[str]:
    """The lines of an address: the person, the house, the place."""
    if not isinstance(value, dict):
        return many_texts(value, writing.labels)
    fields = Fields(value, writing.labels)
    lines = [fields.text("name"), fields.text("title", "position"), fields.text("organization", "company")]
    lines += _address(fields.take("address", "location"), writing)
    lines += [f"{fact.label}: {fact.text}" for fact in fields.facts()]
    return [line for line in lines if line]


def _address(value: object, writing: Writing) -> list[str]:
    if isinstance(value, dict):
        return [place_text(value, writing.labels)]
    if isinstance(value, list | tuple):
        return [one_text(line, writing.labels) for line in value]
    return many_texts(value, writing.labels)
