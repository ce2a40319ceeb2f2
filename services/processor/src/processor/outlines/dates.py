"""Dates as JSON Resume writes them (ISO 8601: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`), as a reader wants to see them."""

import re
from datetime import date
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as format_whole
from babel.dates import format_skeleton

_ISO = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:T.*)?)?)?")
_LONGEST = 40
"""Characters of what may be a date. Longer texts are not kept: thousands of them would fill the memory."""
_SKELETONS = {"short": "yMMM", "long": "yMMMM", "numeric": "yM", "year": "y"}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The locale of a BCP 47 tag; English for a tag that CLDR does not know."""
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


def format_date(written: str, style: str, language: str) -> str:
    """A date in the words of `language`; anything that is not an ISO date is given back as it was written.

    Resumes name months, not days, so a day is left out. The style `exact` keeps what was written.
    """
    return written if len(written) > _LONGEST else _format_date(written, style, language)


@lru_cache(maxsize=4096)
def _format_date(written: str, style: str, language: str) -> str:
    match = _ISO.fullmatch(written)
    if match is None or style == "exact":
        return written
    try:
        day = date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:  # such as 30 February
        return written
    return format_skeleton(_SKELETONS[style] if match["month"] else "y", day, locale=locale_of(language))


def format_range(start: str, end: str, style: str, language: str, *, present: str) -> str:
    """Start, dash, end. A start without an end goes on until `present`; two dates that read the same become one."""
    first, last = format_date(start, style, language), format_date(end, style, language)
    if not first:
        return last
    if not end:
        last = present
    return first if first == last else f"{first} \N{EN DASH} {last}"


def format_day(written: str, language: str) -> str:
    """The date of a letter: the day in words (21 November 2025); anything that is no ISO day is left as it was written."""
    match = _ISO.fullmatch(written)
    if match is None or not match["day"]:
        return format_date(written, "long", language)
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return written
    return format_whole(day, "long", locale=locale_of(language))
