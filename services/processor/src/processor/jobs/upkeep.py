"""What one process does for all: forgets jobs that ended long ago, and tells the metrics what the queue holds."""

import asyncio
import time
from datetime import timedelta
from typing import NoReturn

import structlog

from common.db import Database
from common.leader import lead
from processor.jobs import lists, metrics
from processor.jobs.clock import moment

log = structlog.get_logger()

COUNT_EVERY = 5.0
FORGET_EVERY = 3600.0
_BATCH = 500


class Upkeep:
    """`kept` is how long a job is known after it has ended, and a dead one can be replayed."""

    def __init__(self, database: Database, *, kept: timedelta) -> None:
        self._database, self._kept = database, kept

    async def run(self) -> NoReturn:
        """For as long as the service serves, whenever it is this process that leads."""
        await lead(self._database, "jobs", self._led)

    async def _led(self) -> None:
        forget_at = 0.0
        try:
            while True:
                await self.count()
                if time.monotonic() >= forget_at:
                    await self.forget()
                    forget_at = time.monotonic() + FORGET_EVERY
                await asyncio.sleep(COUNT_EVERY)
        finally:
            metrics.forget()

    async def count(self) -> None:
        async with self._database.read() as db:
            metrics.show(await lists.depths(db, (await moment(db)).at))

    async def forget(self) -> int:
        """Delete some at a time, so that others write meanwhile; how many it were."""
        count = 0
        while True:
            async with self._database.write() as db:
                gone = await lists.forget(db, (await moment(db)).at - self._kept, limit=_BATCH)
            if not gone:
                break
            count += gone
        if count:
            log.info("jobs_forgotten", count=count)
        return count
