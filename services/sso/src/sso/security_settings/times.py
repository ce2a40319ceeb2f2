"""Moments in the words of a language."""

from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_timedelta

from common.ids import now


class Times:
    """`language` is one of the pages'."""

    def __init__(self, language: str) -> None:
        self._locale = Locale.parse(language, sep="-")

    def ago(self, at: datetime) -> str:
        """`3 hours ago`, or `in 3 hours`."""
        return format_timedelta(at - now(), add_direction=True, locale=self._locale)

    def day(self, at: datetime) -> str:
        """`21 November 2026`; in UTC, as nobody says where they are."""
        return format_date(at.date(), format="long", locale=self._locale)
