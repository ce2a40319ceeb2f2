"""What has to be done from time to time, by one process at a time: delete what has had its time, thin out versions.

Each step is bounded, in transactions of its own, and for itself: one that fails is tried again in the next round and
keeps no other from being done. A feature that has something to be done adds a line to `STEPS`.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports import queries as exports
from api.jobs import queries as jobs
from api.shares.views import service as share_views
from api.versions import thinning
from api.versions.service import EXPORTS_KEPT
from common import idempotency
from common.db import Database
from common.ids import now
from common.leader import lead

log = structlog.get_logger()

EVERY = 3600.0
JOBS_KEPT = timedelta(days=30)  # after what was last heard of them; those of exports for as long as these
AT_ONCE = 500
"""Rows that one transaction deletes at most: whoever writes meanwhile waits no longer than that takes."""


class Step(Protocol):
    """Something to be done at `at`; how many things it was done to. To do it twice does no harm."""

    def __call__(self, database: Database, *, at: datetime) -> Awaitable[int]: ...


class _Forget(Protocol):
    def __call__(self, db: AsyncSession, *, before: datetime, limit: int) -> Awaitable[int]: ...


def batches(forget: _Forget, *, kept: timedelta) -> Step:
    """The step that forgets what is older than `kept`, some at once until there is no more."""

    async def step(database: Database, *, at: datetime) -> int:
        count, gone = 0, AT_ONCE
        while gone >= AT_ONCE:
            async with database.write() as db:
                gone = await forget(db, before=at - kept, limit=AT_ONCE)
            count += gone
        return count

    return step


async def _stored_responses(database: Database, *, at: datetime) -> int:
    async with database.write() as db:
        return await idempotency.forget_expired(db, at=at)


async def _share_visitors(database: Database, *, at: datetime) -> int:
    async with database.write() as db:
        await share_views.forget_visitors(db, at=at)
    return 0


STEPS: list[tuple[str, Step]] = [
    ("exports", batches(exports.forget, kept=EXPORTS_KEPT)),
    ("jobs", batches(jobs.forget, kept=JOBS_KEPT)),
    ("versions", thinning.thin),
    ("idempotency_keys", _stored_responses),
    ("share_visitors", _share_visitors),
]


class Upkeep:
    """Runs all steps every hour, in one of all replicas."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(lead(self._database, "upkeep", self._rounds))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            await once(self._database, at=now())
            await asyncio.sleep(EVERY)


async def once(
    database: Database, *, at: datetime, steps: Sequence[tuple[str, Step]] | None = None
) -> dict[str, int]:
    """All steps, one after the other; what each of those that did not fail did, by its name."""
    done: dict[str, int] = {}
    for name, step in STEPS if steps is None else steps:
        try:
            done[name] = await step(database, at=at)
        except Exception as error:  # noqa: BLE001 (a locked or full database: the next round will do)
            log.warning("upkeep_failed", step=name, error=type(error).__name__)
        else:
            if done[name]:
                log.info("upkeep_done", step=name, count=done[name])
    return done
