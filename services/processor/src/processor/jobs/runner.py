"""Runs attempts: claims in one transaction, the work outside of any, the result and its effects in another."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus import Bus
from common.contracts.jobs import Job
from common.db import Database
from common.jobs import Attempt, JobCancelled, JobPostponed, JobSuperseded
from processor.jobs import service
from processor.jobs.progress import Progress

log = structlog.get_logger()


class Done(msgspec.Struct, frozen=True):
    """What came of a job. `record` writes its effects in the transaction that makes the job succeeded."""

    result: dict[str, Any]
    record: Callable[[AsyncSession], Awaitable[None]]


class Running:
    """One attempt under way, as the work sees it."""

    def __init__(self, attempt: Attempt, database: Database, bus: Bus) -> None:
        self.job = attempt.job
        self.stage = ""
        self.timings: dict[str, float] = {}
        self._attempt, self._database = attempt, database
        self._progress = Progress(bus, attempt.job)
        self._entered = time.monotonic()
        self._can_stop, self._is_stopped = True, False
        self._task = asyncio.current_task()

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
            await service.check_held(db, self._attempt)

    def stop(self) -> None:
        """End the work now, or after the stage that it is in."""
        self._is_stopped = True
        if self._can_stop and self._task is not None:
            self._task.cancel()

    def leave(self) -> None:
        """End the stage, and note how long it took."""
        if self.stage:
            self.timings[self.stage] = round((time.monotonic() - self._entered) * 1000, 1)
        self._entered = time.monotonic()

    def close(self) -> None:
        self.leave()
        self._progress.close()


Work = Callable[[Running], Awaitable[Done]]
Undo = Callable[[Job], Awaitable[None]]
"""Removes what a cancelled job may have left behind, if anything; raises JobPostponed if that cannot be done now."""


async def nothing(_job: Job) -> None:
    """There is nothing to undo."""


class JobRunner:
    """Does jobs with `work` and keeps their claims and states in the database (see `common.jobs.Runner`)."""

    def __init__(self, database: Database, bus: Bus, work: Work, undo: Undo = nothing) -> None:
        self._database, self._bus, self._work, self._undo = database, bus, work, undo
        self._broke_off_in: dict[UUID, str] = {}
        self._at_work: dict[UUID, Running] = {}

    def stop(self, job_id: UUID) -> None:
        """End the attempt at a job that is cancelled, if one is under way here."""
        if (running := self._at_work.get(job_id)) is not None:
            running.stop()

    async def claim(self, job: Job, message: int) -> Attempt | None:
        async with self._database.write() as db:
            attempt = await service.claim(db, job, message=message)
            is_cancelled = attempt is None and await service.is_cancelled(db, job.id)
        if is_cancelled:  # whoever was at it may have died before it could undo anything
            await self._undo(job)
        return attempt

    async def run(self, attempt: Attempt) -> None:
        try:
            done, timings = await self._done(attempt)
            async with self._database.write() as db:
                await service.succeed(db, attempt, done.result, timings=timings)
                await done.record(db)
        except JobCancelled:
            await self._undo_now(attempt.job)
            raise

    async def _done(self, attempt: Attempt) -> tuple[Done, dict[str, float]]:
        """The work, in a task of its own, which can be stopped without the worker."""
        work = asyncio.create_task(self._at(attempt))
        try:
            return await work
        except asyncio.CancelledError:
            this = asyncio.current_task()
            if this is not None and this.cancelling():
                raise  # it is the worker that stops
            raise JobCancelled from None

    async def _at(self, attempt: Attempt) -> tuple[Done, dict[str, float]]:
        running = self._at_work[attempt.job.id] = Running(attempt, self._database, self._bus)
        try:
            return await self._work(running), running.timings
        except JobSuperseded:
            raise
        except BaseException:
            self._broke_off_in[attempt.job.id] = running.stage
            raise
        finally:
            running.close()
            if self._at_work.get(attempt.job.id) is running:
                del self._at_work[attempt.job.id]

    async def postpone(self, attempt: Attempt, reason: str) -> None:
        stage = self._broke_off_in.pop(attempt.job.id, "")
        async with self._database.write() as db:
            await service.postpone(db, attempt, reason, stage=stage)

    async def fail(self, attempt: Attempt, reason: str, *, final: bool) -> None:
        stage = self._broke_off_in.pop(attempt.job.id, "")
        async with self._database.write() as db:
            await service.fail(db, attempt, reason, stage=stage, final=final)

    async def _undo_now(self, job: Job) -> None:
        """Also when the message has long been taken off: a worker that was stalled has written after that."""
        self._broke_off_in.pop(job.id, None)
        try:
            await self._undo(job)
        except JobPostponed as error:
            log.warning("cancelled_job_not_undone", job_id=str(job.id), reason=str(error))
