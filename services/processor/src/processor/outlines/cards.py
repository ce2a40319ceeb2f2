"""The card of a resume: a name and a headline, for the pictures that messengers show of a shared link."""

from typing import Any

import msgspec

from processor.outlines.dates import locale_of
from processor.outlines.entries import Writing
from processor.outlines.heads import read_head
from processor.outlines.labels import labels_in
from processor.outlines.text import clean

_LONGEST_NAME, _LONGEST_HEADLINE = 100, 160


class Card(msgspec.Struct, frozen=True):
    """Its fields are those of an `Outline`; nothing of it is longer than a card can hold."""

    title: str
    language: str
    region: str
    rtl: bool
    comma: str
    name: str
    headline: str


def read_card(content: dict[str, Any], *, language: str, title: str) -> Card:
    """The card of a document in a language (BCP 47). Without a name it carries the title."""
    locale = locale_of(language)
    labels = labels_in(locale.language)
    head = read_head(content, Writing(language, "short", labels))
    named = clean(title).replace("\n", " ")
    return Card(
        title=named,
        language=locale.language,
        region=locale.territory or "",
        rtl=locale.character_order == "right-to-left",
        comma=labels["comma"],
        name=shortened(head.name or named, _LONGEST_NAME),
        headline=shortened(head.headline, _LONGEST_HEADLINE),
    )


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` characters, cut after a word where that loses little."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    whole = cut.rsplit(" ", 1)[0]
    return (whole if len(whole) > most * 2 // 3 else cut).rstrip(
        " ,;:-\N{EN DASH}"
    ) + "\N{HORIZONTAL ELLIPSIS}"
