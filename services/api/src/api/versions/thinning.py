"""Versions that nobody asked for are thinned out as they grow old: all of the last day stay, then the newest of each
day, then the newest of each week. Those with a name, those that were asked for and those that an export or a link
needs stay, and so does the newest of each resume.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from api.versions import queries
from common.db import Database

ALL_FOR = timedelta(hours=24)
DAILY_FOR = timedelta(days=30)
RESUMES_AT_ONCE = 100
VERSIONS_AT_ONCE = 100


class Mark(msgspec.Struct, frozen=True):
    """What thinning knows of a version: `is_kept` whatever its age. Numbers order those that were made at once."""

    id: UUID
    number: int
    created_at: datetime
    is_kept: bool


def surplus(marks: Iterable[Mark], *, at: datetime) -> set[UUID]:
    """The versions of one resume that are to go at `at`."""
    found: set[UUID] = set()
    taken: set[Hashable] = set()
    for mark in sorted(marks, key=lambda mark: (mark.created_at, mark.number), reverse=True):
        period = _period(mark, at)
        if mark.is_kept:
            continue
        if period in taken:
            found.add(mark.id)
        taken.add(period)
    return found


def _period(mark: Mark, at: datetime) -> Hashable:
    """The stretch of time (in UTC) of which one version stays; of the last day each stays by itself."""
    age, made = at - mark.created_at, mark.created_at.astimezone(UTC)
    if age < ALL_FOR:
        return mark.id
    return made.date() if age < DAILY_FOR else made.isocalendar()[:2]


async def thin(database: Database, *, at: datetime) -> int:
    """Thin out the versions of all resumes; how many went. In short transactions, so that others write meanwhile."""
    count, last = 0, None
    while True:
        async with database.read() as db:
            resume_ids = await queries.with_several(db, after=last, limit=RESUMES_AT_ONCE)
            rows = await queries.marks(db, resume_ids, at=at)
        if not resume_ids:
            return count
        of_resume: defaultdict[UUID, list[Mark]] = defaultdict(list)
        for row in rows:
            of_resume[row.resume_id].append(
                Mark(row.id, row.number, row.created_at, is_kept=not row.is_thinnable)
            )
        doomed = [gone for marks in of_resume.values() for gone in surplus(marks, at=at)]
        for start in range(0, len(doomed), VERSIONS_AT_ONCE):
            async with database.write() as db:
                count += await queries.remove_thinnable(db, doomed[start : start + VERSIONS_AT_ONCE], at=at)
        last = resume_ids[-1]
