"""Dates as JSON Resume writes them (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`), as readers want them."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

_ISO = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:T.*)?)?)?")
_LONGEST = 40
"""Characters of what may be a date. Longer texts are not kept: thousands of them would fill the memory."""


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The locale of a BCP 47 tag; English for one that nobody knows."""
    for tag in (language, language.split("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale("en")


def month(written: str, language: str) -> str:
    """A month and its year, or a year alone, in words; what is no such date stays as it was written."""
    return written if len(written) > _LONGEST else _month(written, language)


@lru_cache(maxsize=4096)
def _month(written: str, language: str) -> str:
    found = _ISO.fullmatch(written)
    if found is None:
        return written
    try:
        day = date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:  # such as 30 February
        return written
    return format_skeleton("yMMM" if found["month"] else "y", day, locale=locale_of(language))


def period(start: str, end: str, language: str, *, present: str) -> str:
    """From start to end; without an end it goes on until `present`."""
    first, last = month(start, language), month(end, language)
    if not first:
        return last
    last = last or present
    return first if first == last else f"{first} \N{EN DASH} {last}"


def day(at: datetime, language: str) -> str:
    return format_date(at.date(), "long", locale=locale_of(language))
