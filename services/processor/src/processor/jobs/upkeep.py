"""What one process does for all: forgets jobs that ended long ago, and tells the metrics what the queue holds."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from common.contracts.jobs import Job
from common.db import Database
from common.leader import lead
from processor.jobs import lists, metrics
from processor.jobs.clock import moment
from processor.jobs.runner import Kind
from processor.jobs.states import read_envelope

log = structlog.get_logger()

COUNT_EVERY = 5.0
FORGET_EVERY = 3600.0
_BATCH = 500


class Upkeep:
    """`kept` is how long a job is known after it has ended, and a dead one can be replayed."""

    def __init__(self, database: Database, *, kept: timedelta, kinds: Mapping[str, Kind]) -> None:
        self._database, self._kept, self._kinds = database, kept, kinds

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
                    await self.forget_what_is_of_no_use()
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

    async def forget_what_is_of_no_use(self) -> int:
        """Forget what dead jobs were to do that nobody would replay any more; of how many."""
        count = 0
        for name, kind in self._kinds.items():
            if kind.useful_until is not None:
                count += await self._forget_payloads(name, kind.useful_until)
        return count

    async def _forget_payloads(self, kind: str, useful_until: Callable[[Job], datetime]) -> int:
        count, after = 0, None
        while True:
            async with self._database.write() as db:
                at = (await moment(db)).at
                rows = await lists.kept_for_a_replay(db, kind, after=after, limit=_BATCH)
                for row in rows:
                    if useful_until(read_envelope(row.envelope or b"")) < at:
                        row.envelope = None
                        count += 1
            if len(rows) < _BATCH:
                return count
            after = rows[-1].job_id
