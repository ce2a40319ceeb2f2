"""A cover letter as its page shows it: to whom, when, and the words between.

As with resumes nothing is refused: parts may be missing, of another type or unknown, and are shown as well as they can be.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import msgspec
from markupsafe import Markup

from api.shares.reading import texts
from api.shares.reading.dates import day, month
from api.shares.reading.entries import place
from api.shares.reading.fields import Fields, Writing

_DAY = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?:T.{0,40})?")


class Letter(msgspec.Struct, frozen=True):
    """What stands between the head of a letter and what letters have no place for. `recipient` is an address, line by
    line, whoever it is first."""

    recipient: Sequence[str]
    date: str
    subject: str
    salutation: str
    paragraphs: Sequence[Markup]
    closing: str
    signature: str


def letter(document: dict[str, Any], writing: Writing, *, name: str) -> tuple[Letter, dict[str, Any]]:
    """The letter of a document, and the members that are no part of it. Without a signature it is signed `name`."""
    fields = Fields(document, writing)
    found = Letter(
        recipient=_recipient(fields.take("recipient", "to"), writing),
        date=_date(fields.text("date"), writing.language),
        subject=fields.text("subject", "re"),
        salutation=fields.text("salutation", "greeting", "opening"),
        paragraphs=fields.body("paragraphs", "body", "text", "content"),
        closing=fields.text("closing", "valediction"),
        signature=fields.text("signature") or name,
    )
    return found, fields.left()


def _recipient(value: Any, writing: Writing) -> list[str]:
    """The person, the house, the place; what else is known of them comes last."""
    if not isinstance(value, dict):
        return _lines(value, writing)
    fields = Fields(value, writing)
    lines = [fields.text("name"), fields.text("title", "position"), fields.text("organization", "company")]
    lines += _address(fields.take("address", "location"), writing)
    lines += [f"{fact.label}: {fact.text}" for fact in fields.facts()]
    return [line for line in lines if line]


def _address(value: Any, writing: Writing) -> list[str]:
    return [place(value, writing)] if isinstance(value, dict) else _lines(value, writing)


def _lines(value: Any, writing: Writing) -> list[str]:
    """The items of a list, or the lines of a text."""
    if isinstance(value, str):
        value = texts.clean(value).split("\n")
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := texts.one_line(item, writing.translate))]


def _date(written: str, language: str) -> str:
    """A day in words; what is none stays as it was written."""
    if (found := _DAY.fullmatch(written)) is None:
        return month(written, language)
    try:
        return day(datetime.combine(date.fromisoformat(found["day"]), time()), language)
    except ValueError:  # such as 30 February
        return written
