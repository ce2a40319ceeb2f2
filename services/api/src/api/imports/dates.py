"""Dates as people and programs write them, where what they mean is certain.

`Jan 2020` is 2020-01 in every reading; `Summer 2020` and `03/04/2020` are kept as they were written.
"""

import re
from datetime import date
from functools import cache

import msgspec
from babel import Locale
from babel.dates import get_month_names

_ISO = re.compile(
    r"(?P<year>[12]\d{3})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?"
)
_NUMBERS = re.compile(r"(?P<month>\d{1,2})[/.](?P<year>[12]\d{3})|(?P<y>[12]\d{3})[/.](?P<m>\d{1,2})")
_WORDS = re.compile(
    r"(?:(?P<d1>\d{1,2})\.? )?(?:de )?(?P<month>[^\W\d_]{3,}(?:[.']?[^\W\d_]+)?)\.?,?(?: (?P<d2>\d{1,2}),)?"
    r"(?: de)? (?P<year>[12]\d{3})(?: г\.?)?"  # noqa: RUF001 (Russian)
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[12]\d{3})\s?[年년]\s?(?:(?P<month>\d{1,2})\s?[月월])?(?:\s?(?P<day>\d{1,2})\s?[日일])?"
)
_RANGE = re.compile(r"\s*[–—]\s*|\s+-\s+|\s+(?:to|until|till|bis|a|à|al|hasta|até)\s+", re.IGNORECASE)  # noqa: RUF001
_LONGEST = 200
"""Characters of what may be a date or a range of dates; to look for one in longer texts would take long."""
_YEARS = re.compile(r"([12]\d{3})-([12]\d{3})")
_NOW = (
    "present|current|now|today|ongoing|heute|aktuell|gegenwärtig|jetzt|présent|aujourd'hui|actuel|actualidad|presente|"
    "actual|atual|atualmente|oggi|attuale|heden|nu|idag|nå|nykyinen|obecnie|nadal|současnost|şimdi|halen|сейчас|"
    "настоящее время|現在|至今|현재|sekarang"
)
# The languages that LinkedIn writes its exports in, and those of the European Union.
_LANGUAGES = (
    "en de fr es it pt nl sv da nb fi pl cs sk sl hr hu ro bg el et lv lt mt ga tr ru uk ar id ms fil th hi"
)


class Period(msgspec.Struct, frozen=True):
    """From when to when; without an end either ongoing or not told."""

    start: str = ""
    end: str = ""
    ongoing: bool = False


def certain_date(written: str) -> str:
    """The date in JSON Resume's form (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`), or "" where it is not certain."""
    if len(written) > _LONGEST:
        return ""
    text = " ".join(written.split())
    if found := _ISO.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _iso(found["year"], found["month"], found["day"])
    if found := _NUMBERS.fullmatch(text):
        return _iso(found["year"] or found["y"], found["month"] or found["m"])
    if (found := _WORDS.fullmatch(text)) and (month := _month(found["month"])):
        return _iso(found["year"], str(month), found["d1"] or found["d2"])
    return ""


def is_now(written: str) -> bool:
    """Whether it is a word for the present day."""
    return len(written) <= _LONGEST and written.strip().strip(".").casefold() in _NOW.split("|")


def certain_period(written: str) -> Period | None:
    """The two dates of a range such as `Jan 2019 - Present`; None unless both are certain."""
    if len(written) > _LONGEST:
        return None
    if years := _YEARS.fullmatch(written.strip()):
        return Period(years[1], years[2])
    sides = _RANGE.split(written.strip())
    if len(sides) != 2 or not (start := certain_date(sides[0])):
        return None
    if is_now(sides[1]):
        return Period(start, ongoing=True)
    end = certain_date(sides[1])
    return Period(start, end) if end else None


def _iso(year: str, month: str | None = None, day: str | None = None) -> str:
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join(f"{int(part):02d}" for part in (year, month, day) if part)


def _month(name: str) -> int | None:
    """The month that `name` means in whatever language; None where languages disagree."""
    found = _months("en").get(_key(name)) or {
        month for language in _LANGUAGES.split() for month in _months(language).get(_key(name), ())
    }
    return next(iter(found)) if len(found) == 1 else None


@cache
def _months(language: str) -> dict[str, set[int]]:
    """The months of a language by their names, long and short, as they stand in dates and alone."""
    locale, found = Locale.parse(language), dict[str, set[int]]()
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for month, name in get_month_names(width, context, locale).items():
                found.setdefault(_key(name), set()).add(month)
    if language == "en":
        found.setdefault("sept", {9})
    return found


def _key(name: str) -> str:
    return name.casefold().strip(".").replace("'", "")
