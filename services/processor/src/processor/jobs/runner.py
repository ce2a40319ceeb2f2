"""What the work of a job sees of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus import Bus
from common.contracts.jobs import Job
from common.db import Database
from common.jobs import JobCancelled
from processor.jobs.attempts import Attempt, check_held
from processor.jobs.progress import Progress
from processor.jobs.steps import reached


class Done(msgspec.Struct, frozen=True):
    """What came of a job. `record` writes its effects in the transaction that makes the job succeeded; it may be called
    again after a transaction that was rolled back."""

    result: dict[str, Any]
    record: Callable[[AsyncSession], Awaitable[None]]


class Running:
    """One attempt under way, as the work sees it."""

    def __init__(self, attempt: Attempt, database: Database, bus: Bus) -> None:
        self.job = attempt.job
        self.attempt = attempt
        self.stage = ""
        self.timings: dict[str, float] = {}
        self._database = database
        self._progress = Progress(bus, attempt.job)
        self._entered = time.monotonic()
        self._can_stop, self._is_stopped = True, False
        self.task: asyncio.Task[Done] | None = None
        """What does the work."""

    async def enter(self, stage: str, progress: float, *, can_stop: bool = True) -> None:
        """Begin a stage, `progress` (0 to 1) of the whole being done. Raises JobCancelled if it is not wanted any more.

        One that may not break off in the middle, because it has effects elsewhere, is not one that `can_stop`.
        """
        self.leave()
        if self._is_stopped:
            raise JobCancelled
        self.stage, self._can_stop = stage, can_stop
        await self._progress.tell(stage, progress)

    async def check_held(self) -> None:
        """Raise JobSuperseded if somebody else has taken the job over."""
        async with self._database.read() as db:
            await check_held(db, self.attempt)

    def stop(self) -> None:
        """End the work now, or after the stage that it is in: it is cancelled, or another's by now."""
        self._is_stopped = True
        if self._can_stop and self.task is not None:
            self.task.cancel()

    def leave(self) -> None:
        """End the stage, and note how long it took."""
        if self.stage:
            self.timings[self.stage] = round((time.monotonic() - self._entered) * 1000, 1)
            reached(self.stage, self.job.id)
        self._entered = time.monotonic()

    def close(self) -> None:
        """Nothing more is told: the job's next state says it all."""
        self._progress.close()


Work = Callable[[Running], Awaitable[Done]]
Undo = Callable[[Job], Awaitable[None]]
"""Removes what a cancelled job may have left behind, if anything; raises JobPostponed if that cannot be done now."""


async def nothing(_job: Job) -> None:
    """There is nothing to undo."""


class Kind(msgspec.Struct, frozen=True):
    """How jobs of a kind are done: with what, and by the workers of which pool. A dead one can be replayed until
    `useful_until`, if there is such a time: then what it was to do is forgotten."""

    work: Work
    pool: str
    undo: Undo = nothing
    useful_until: Callable[[Job], datetime] | None = None
