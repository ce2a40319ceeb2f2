"""What has to be done from time to time, by one process at a time: delete what has had its time, thin out versions.

Each step is bounded, in transactions of its own, and for itself: one that fails is tried again in the next round and
keeps no other from being done. A feature that has something to be done adds a line to `STEPS`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.assets import upkeep as uploads
from api.comments.notices import Notices
from api.exports import expiry as exports
from api.jobs import queries as jobs
from api.resumes import trash
from api.shares.views import service as share_views
from api.versions import thinning
from api.webhooks import queries as webhooks
from api.webhooks.service import DELIVERIES_KEPT
from common import idempotency
from common.blobs import Blobs
from common.db import Database
from common.ids import now
from common.leader import lead

log = structlog.get_logger()

EVERY = 3600.0
JOBS_KEPT = timedelta(days=30)  # after what was last heard of them; those of exports for as long as these


class Parts(msgspec.Struct, frozen=True):
    """What steps work on. `home` is where mails lead to."""

    database: Database
    blobs: Blobs
    home: str = ""


Step = Callable[[Parts, datetime], Awaitable[int]]
"""Something to be done at a time; how many things it was done to. To do it twice does no harm."""
Forget = Callable[[AsyncSession, datetime], Awaitable[int]]
"""Forgets some of what is older than a time; how many, 0 when none is left."""


def older_than(kept: timedelta, forget: Forget) -> Step:
    """The step that forgets what has been kept for so long: some at once, so that others write meanwhile."""

    async def step(parts: Parts, at: datetime) -> int:
        count = 0
        while True:
            async with parts.database.write() as db:
                gone = await forget(db, at - kept)
            if not gone:
                return count
            count += gone

    return step


async def _thin_out(parts: Parts, at: datetime) -> int:
    return await thinning.thin(parts.database, at=at)


async def _uploads(parts: Parts, _at: datetime) -> int:
    return await uploads.sweep(parts.database, parts.blobs)


async def _stored_responses(parts: Parts, at: datetime) -> int:
    async with parts.database.write() as db:
        return await idempotency.forget_expired(db, at=at)


async def _comment_notices(parts: Parts, at: datetime) -> int:
    return await Notices(parts.home).overdue(parts.database, at=at)


async def _share_visitors(parts: Parts, at: datetime) -> int:
    async with parts.database.write() as db:
        await share_views.forget_visitors(db, at=at)
    return 0


STEPS: list[tuple[str, Step]] = [
    ("comment_notices", _comment_notices),
    ("share_visitors", _share_visitors),
    ("idempotency_keys", _stored_responses),
    ("trash", older_than(trash.KEPT_FOR, trash.purge)),
    ("exports", older_than(timedelta(), exports.forget)),
    ("jobs", older_than(JOBS_KEPT, jobs.forget)),
    ("versions", _thin_out),
    ("uploads", _uploads),
    ("webhook_deliveries", older_than(DELIVERIES_KEPT, webhooks.forget)),
]


class Upkeep:
    """Runs all steps every hour, in one of all replicas."""

    def __init__(self, database: Database, blobs: Blobs, *, home: str) -> None:
        self._parts = Parts(database, blobs, home)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(lead(self._parts.database, "upkeep", self._rounds))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            await once(self._parts, at=now())
            await asyncio.sleep(EVERY)


async def once(
    parts: Parts, *, at: datetime, steps: Sequence[tuple[str, Step]] | None = None
) -> dict[str, int]:
    """All steps, one after the other; what each of those that did not fail did, by its name."""
    done: dict[str, int] = {}
    for name, step in STEPS if steps is None else steps:
        try:
            done[name] = await step(parts, at)
        except Exception as error:  # noqa: BLE001 (a locked or full database: the next round will do)
            log.warning("upkeep_failed", step=name, error=type(error).__name__)
        else:
            if done[name]:
                log.info("upkeep_done", step=name, count=done[name])
    return done
