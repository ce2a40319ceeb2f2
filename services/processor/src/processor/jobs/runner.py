"""Runs attempts: claims in one transaction, the work outside of any, the result and its effects in another."""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus import Bus
from common.contracts.jobs import Job
from common.db import Database
from common.jobs import Attempt, JobSuperseded
from processor.jobs import service
from processor.jobs.progress import Progress


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

    async def enter(self, stage: str, progress: float) -> None:
        """Begin a stage, `progress` (0 to 1) of the whole being done."""
        self.leave()
        self.stage = stage
        await self._progress.tell(stage, progress)

    async def check_held(self) -> None:
        """Raise JobSuperseded if somebody else has taken the job over."""
        async with self._database.read() as db:
            await service.check_held(db, self._attempt)

    def leave(self) -> None:
        """End the stage, and note how long it took."""
        if self.stage:
            self.timings[self.stage] = round((time.monotonic() - self._entered) * 1000, 1)
        self._entered = time.monotonic()

    def close(self) -> None:
        self.leave()
        self._progress.close()


Work = Callable[[Running], Awaitable[Done]]


class JobRunner:
    """Does jobs with `work` and keeps their claims and states in the database (see `common.jobs.Runner`)."""

    def __init__(self, database: Database, bus: Bus, work: Work) -> None:
        self._database, self._bus, self._work = database, bus, work
        self._broke_off_in: dict[UUID, str] = {}

    async def claim(self, job: Job, message: int) -> Attempt | None:
        async with self._database.write() as db:
            return await service.claim(db, job, message=message)

    async def run(self, attempt: Attempt) -> None:
        running = Running(attempt, self._database, self._bus)
        try:
            done = await self._work(running)
        except JobSuperseded:
            raise
        except BaseException:
            self._broke_off_in[attempt.job.id] = running.stage
            raise
        finally:
            running.close()
        async with self._database.write() as db:
            await service.succeed(db, attempt, done.result, timings=running.timings)
            await done.record(db)

    async def postpone(self, attempt: Attempt, reason: str) -> None:
        stage = self._broke_off_in.pop(attempt.job.id, "")
        async with self._database.write() as db:
            await service.postpone(db, attempt, reason, stage=stage)

    async def fail(self, attempt: Attempt, reason: str, *, final: bool) -> None:
        stage = self._broke_off_in.pop(attempt.job.id, "")
        async with self._database.write() as db:
            await service.fail(db, attempt, reason, stage=stage, final=final)
