"""The log of mails is forgotten in its time."""

import asyncio
from datetime import timedelta

import structlog

from common.db import Database
from common.ids import now
from processor.mails import queries

log = structlog.get_logger()

EVERY = 3600.0


async def forget_old(database: Database, *, kept: timedelta) -> int:
    """Delete what has been kept for so long, some at once, so that others write meanwhile; how many."""
    count = 0
    while True:
        async with database.write() as db:
            gone = await queries.forget(db, now() - kept)
        if not gone:
            return count
        count += gone


async def sweep(database: Database, *, kept: timedelta) -> None:
    """Forget what is old, every hour. Two replicas at once do no harm."""
    while True:
        try:
            if gone := await forget_old(database, kept=kept):
                log.info("mail_log_swept", count=gone)
        except Exception as error:  # noqa: BLE001 (a locked or full database: the next round will do)
            log.warning("mail_log_not_swept", error=type(error).__name__)
        await asyncio.sleep(EVERY)
