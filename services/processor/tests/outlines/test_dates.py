"""Dates are written the way readers of a language write them; what is no date stays as it is."""

import tomllib
from pathlib import Path

import pytest

from processor.outlines import labels
from processor.outlines.dates import format_date, format_range, locale_of


@pytest.mark.parametrize(
    ("written", "style", "language", "expected"),
    [
        ("2013-12-01", "short", "en", "Dec 2013"),
        ("2013-12", "long", "en", "December 2013"),
        ("2013", "short", "en", "2013"),
        ("2013-12-01", "year", "en", "2013"),
        ("2013-12-01", "numeric", "en", "12/2013"),
        ("2013-12-01", "exact", "en", "2013-12-01"),
        ("2013-12-01T10:00:00Z", "short", "en", "Dec 2013"),
        ("2013-12", "short", "de", "Dez. 2013"),
        ("2013-12", "long", "es", "diciembre de 2013"),
        ("2013-12", "short", "ja", "2013年12月"),
        ("2013-12", "short", "no such language", "Dec 2013"),
        ("2013-13", "short", "en", "2013-13"),
        ("2013-02-30", "short", "en", "2013-02-30"),
        ("Summer 2019", "short", "en", "Summer 2019"),
        ("", "short", "en", ""),
    ],
)
def test_a_date_is_written_in_words(written: str, style: str, language: str, expected: str) -> None:
    assert format_date(written, style, language) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2013-12", "2014-01", "Dec 2013 – Jan 2014"),  # noqa: RUF001 the dash of ranges
        ("2013-12", "", "Dec 2013 – now"),  # noqa: RUF001
        ("2013-12", "Present", "Dec 2013 – Present"),  # noqa: RUF001
        ("2013-12-01", "2013-12-24", "Dec 2013"),
        ("", "2014", "2014"),
        ("", "", ""),
    ],
)
def test_a_range_says_where_it_ends(start: str, end: str, expected: str) -> None:
    assert format_range(start, end, "short", "en", present="now") == expected


def test_every_language_has_every_word() -> None:
    table = tomllib.loads(Path(labels.__file__).with_name("labels.toml").read_text())
    words = set(table["en"]) - {"comma"}
    assert {"en", "de", "es", "fr", "ar", "he", "pt", "it", "nl", "zh", "ja", "hi", "th", "el", "vi"} <= set(
        table
    )
    assert len(table) >= 34
    assert all(locale_of(language).language == language for language in table)
    assert {
        language: words - set(entries) for language, entries in table.items() if words - set(entries)
    } == {}
