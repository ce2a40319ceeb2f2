"""Statistics as they go out."""

from datetime import date
from uuid import UUID

from common.schemas import Schema


class Totals(Schema, kw_only=True):
    views: int = 0
    visitors: int = 0
    downloads: int = 0


class DayRead(Totals, kw_only=True):
    """A day in UTC. A visitor is counted once a day, by network and browser; nobody can tell who it was."""

    day: date


class Referrer(Schema, kw_only=True):
    host: str
    views: int


class Statistics(Schema, kw_only=True):
    """`totals` adds up the days: whoever came on two of them is two of its visitors. Programs that say that they are
    some are not counted."""

    share_id: UUID
    days: list[DayRead]
    totals: Totals
    referrers: list[Referrer]
