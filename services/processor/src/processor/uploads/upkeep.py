"""Uploads that nobody checked: the job was cancelled, came too late, or found nothing that could render it."""

from datetime import datetime, timedelta

import msgspec
import structlog

from common.db import Database
from common.ids import now
from processor.uploads import queries
from processor.uploads.schemas import Report

log = structlog.get_logger()

CHECKED_WITHIN = timedelta(minutes=15)
EVERY = 60.0
"""Seconds."""
_REPORT = Report(problem="It could not be checked in time. Upload it again.")


async def refuse_unchecked(database: Database, *, at: datetime | None = None) -> int:
    """Refuse what came longer ago than a check may take; how many. It can be uploaded again then."""
    async with database.write() as db:
        rows = await queries.unchecked(db, before=(at or now()) - CHECKED_WITHIN)
        for row in rows:
            row.state, row.report = "refused", msgspec.to_builtins(_REPORT)
    if rows:
        log.warning("uploads_not_checked", count=len(rows))
    return len(rows)
