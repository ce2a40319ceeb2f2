"""The log of mails is forgotten in its time."""

from datetime import timedelta

import structlog

from common.db import Database
from common.ids import now
from processor.mails import queries

log = structlog.get_logger()

EVERY = 3600.0


async def forget_old(database: Database, *, kept: timedelta) -> int:
    """Delete what has been kept for so long, some at once, so that others write meanwhile; how many. Two replicas that do
    it at once do no harm."""
    count = 0
    while True:
        async with database.write() as db:
            gone = await queries.forget(db, now() - kept)
        if not gone:
            break
        count += gone
    if count:
        log.info("mail_log_swept", count=count)
    return count
