"""What was counted of a link: added up by day, and read by its owner."""

import hashlib
import hmac
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.shares import service as shares
from api.shares.views import queries
from api.shares.views.schemas import DayRead, Referrer, Statistics, Totals
from common.problems import FieldError, ValidationFailed

LONGEST = timedelta(days=366)
_MOST_HOSTS = 100
_SHOWN_HOSTS = 50
OTHER = "other"
"""Stands for hosts beyond the first hundred of a day: whoever makes them up fills no table with them."""


MOST_VISITORS = 10_000
"""Visitors of a link that are told apart on one day; beyond them views are counted, and no table is filled by one who
calls their browser something else every time."""


class Day(msgspec.Struct):
    """What was counted of one link on one day, since it was last written down. `visitors` are of network and browser."""

    views: int = 0
    opens: int = 0
    downloads: int = 0
    referrers: Counter[str] = msgspec.field(default_factory=Counter)
    visitors: set[tuple[str, str]] = msgspec.field(default_factory=set)

    def __add__(self, other: "Day") -> "Day":
        return Day(
            self.views + other.views,
            self.opens + other.opens,
            self.downloads + other.downloads,
            self.referrers + other.referrers,
            self.visitors | other.visitors,
        )


async def add(db: AsyncSession, days: Mapping[tuple[UUID, date], Day]) -> None:
    """Write down what was counted. Of visitors only how many are new today is kept for good."""
    alive = await queries.alive(db, {share_id for share_id, _ in days})
    counted = {key: day for key, day in sorted(days.items()) if key[0] in alive}
    new = await _visitors(db, counted)
    for (share_id, day), found in counted.items():
        await queries.add_views(
            db,
            share_id=share_id,
            day=day,
            views=found.views,
            visitors=new[share_id, day],
            downloads=found.downloads,
        )
        if found.opens:
            await queries.add_opens(db, share_id, found.opens)
        await _add_referrers(db, share_id, day, found.referrers)


async def _visitors(db: AsyncSession, days: Mapping[tuple[UUID, date], Day]) -> Counter[tuple[UUID, date]]:
    """How many of the visitors were not there before on their day, as far as there is room for them."""
    new = Counter[tuple[UUID, date]]()
    of_day: defaultdict[date, dict[UUID, set[tuple[str, str]]]] = defaultdict(dict)
    for (share_id, day), found in days.items():
        if found.visitors:
            of_day[day][share_id] = found.visitors
    for day, came in of_day.items():
        salt = await queries.salt(db, day, secrets.token_bytes(32))
        counted = await queries.visitors(db, came, day)
        marks = dict[bytes, UUID]()
        for share_id, visitors in came.items():
            room = max(0, MOST_VISITORS - counted.get(share_id, 0))
            marks |= {_mark(salt, share_id, *visitor): share_id for visitor in islice(visitors, room)}
        new.update((marks[fresh], day) for fresh in await queries.mark(db, day, marks))
    return new


def _mark(salt: bytes, share_id: UUID, network: str, agent: str) -> bytes:
    """What tells a visitor of a link from another one today, and nothing else, nor tomorrow."""
    message = b"\0".join([share_id.bytes, network.encode(), agent.encode("utf-8", "replace")])
    return hmac.digest(salt, message, hashlib.sha256)[:16]


async def _add_referrers(db: AsyncSession, share_id: UUID, day: date, found: Counter[str]) -> None:
    if not found:
        return
    known = await queries.hosts(db, share_id, day)
    kept = Counter[str]()
    for host, views in sorted(found.items()):
        is_kept = host in known or len(known) < _MOST_HOSTS
        known.add(host if is_kept else OTHER)
        kept[host if is_kept else OTHER] += views
    for host, views in kept.items():
        await queries.add_referrer(db, share_id, day, host, views)


async def read(
    db: AsyncSession, share_id: UUID, *, owner_id: UUID, first: date | None, last: date | None, today: date
) -> Statistics:
    """From the first day to the last (30 days, unless told), each with its counts. Raises ShareMissing."""
    share = await shares.get(db, share_id, owner_id=owner_id)
    last = last or max(today, first or today)
    first = first or last - timedelta(days=29)
    if not first <= last <= first + LONGEST:
        message = f"`from` must not be after `to`, nor more than {LONGEST.days} days before it."
        raise ValidationFailed(message, errors=[FieldError("$.from", message)])
    rows = {row.day: row for row in await queries.days(db, share.id, first=first, last=last)}
    each = [
        DayRead(day=day, **({} if (row := rows.get(day)) is None else _counts(row)))
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    ]
    hosts = await queries.referrers(db, share.id, first=first, last=last, limit=_SHOWN_HOSTS)
    return Statistics(
        share_id=share.id,
        days=each,
        totals=_totals(each),
        referrers=[Referrer(host=host, views=int(views)) for host, views in hosts],
    )


def _counts(row: object) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("views", "visitors", "downloads")}


def _totals(days: Iterable[DayRead]) -> Totals:
    totals = Totals()
    for day in days:
        totals.views += day.views
        totals.visitors += day.visitors
        totals.downloads += day.downloads
    return totals


async def forget_visitors(db: AsyncSession, *, at: datetime) -> None:
    """For the upkeep: what told the visitors of past days apart is deleted, the salts first of all."""
    await queries.forget(db, before=at.date())
