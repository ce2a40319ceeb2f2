"""Does attempts: the work outside of any transaction, what came of it in one, and in the same one the next claim."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from uuid import UUID

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from common import context
from common.bus import Bus
from common.contracts.jobs import Job
from common.db import Database
from common.jobs import (
    FIRST_WAIT,
    LONGEST_ATTEMPT,
    LONGEST_WAIT,
    JobCancelled,
    JobPostponed,
    JobRejected,
    JobSuperseded,
    retry_delay,
)
from processor.jobs import outcomes, queries
from processor.jobs.attempts import Attempt, why_not_held
from processor.jobs.metrics import DURATION, OUTCOMES
from processor.jobs.runner import Done, Kind, Running
from processor.jobs.steps import reached

log = structlog.get_logger()


class Outcome(msgspec.Struct, frozen=True):
    """How an attempt ended, and what is written about it."""

    name: str
    write: Callable[[AsyncSession], Awaitable[None]]


class Next(Protocol):
    async def claim_next(self, db: AsyncSession, pool: str) -> Attempt | None:
        """The worker's next job, claimed in this transaction; None if there is none, or there shall be none."""

    def wake(self) -> None:
        """Something is to be done later, or was not looked for."""


class Workers:
    def __init__(self, database: Database, bus: Bus, kinds: Mapping[str, Kind], following: Next) -> None:
        self._database, self._bus, self._kinds, self._next = database, bus, kinds, following
        self._at_work: dict[UUID, Running] = {}
        self._held: dict[UUID, int] = {}

    def held(self) -> dict[UUID, int]:
        """The jobs that are under way here, with the fences of their claims."""
        return dict(self._held)

    def stop(self, job_id: UUID) -> None:
        if (running := self._at_work.get(job_id)) is not None:
            running.stop()

    async def do(self, attempt: Attempt) -> Attempt | None:
        """One attempt from its claim to its outcome; the job that this worker does next."""
        job = attempt.job
        context.accept(job.request_id, job.traceparent)
        self._held[job.id] = attempt.fence
        log.info("job_started", job_id=str(job.id), kind=job.kind, attempt=attempt.number)
        reached("claimed", job.id)
        try:
            return await self._settled(attempt)
        except JobCancelled:
            self._ended(attempt, "cancelled")
            await self.undo(job)
        except JobSuperseded:
            self._ended(attempt, "superseded")
        except Exception as error:
            # Nothing could be written: the claim is left to run out, and the attempt counts as one cut short.
            log.error("job_not_settled", job_id=str(job.id), kind=job.kind, exc_info=error)
        finally:
            if self._held.get(job.id) == attempt.fence:
                del self._held[job.id]
        return None

    async def _settled(self, attempt: Attempt) -> Attempt | None:
        try:
            outcome = await self._tried(attempt)
        except asyncio.CancelledError:
            async with self._database.write() as db:
                await outcomes.give_back(db, attempt)
            raise
        try:
            return await self._commit(attempt, outcome, claims_next=True)
        except JobSuperseded:
            raise
        except Exception as error:  # noqa: BLE001 (it may have been the claim: a job that is done must not pay for it)
            log.warning("job_outcome_not_written", job_id=str(attempt.job.id), error=type(error).__name__)
        try:
            return await self._commit(attempt, outcome, claims_next=False)
        except JobSuperseded:
            raise
        except Exception as error:  # noqa: BLE001 (what it wanted to write cannot be: the attempt failed)
            return await self._commit(attempt, self._failed(attempt, error, ""), claims_next=False)

    async def _commit(self, attempt: Attempt, outcome: Outcome, *, claims_next: bool) -> Attempt | None:
        following = None
        async with self._database.write() as db:
            await outcome.write(db)
            if claims_next:
                following = await self._next.claim_next(db, attempt.pool)
        reached("committed", attempt.job.id)
        self._ended(attempt, outcome.name)
        return following

    def _ended(self, attempt: Attempt, outcome: str) -> None:
        job = attempt.job
        OUTCOMES.labels(job.kind, outcome).inc()
        log.info("job_ended", job_id=str(job.id), kind=job.kind, attempt=attempt.number, outcome=outcome)
        if outcome != "done":
            self._next.wake()

    async def _tried(self, attempt: Attempt) -> Outcome:
        """Do the work; what is to be written about how it ended. Raises JobSuperseded if that is nothing."""
        running = None
        try:
            with DURATION.labels(attempt.job.kind).time():
                async with asyncio.timeout(LONGEST_ATTEMPT):
                    running = Running(attempt, self._database, self._bus)
                    done = await self._done(running)
        except JobSuperseded:
            raise
        except JobPostponed as postponed:
            return self._postponed(attempt, postponed, _stage(running))
        except JobRejected as rejected:
            return self._dead(attempt, str(rejected), _stage(running))
        except Exception as error:  # noqa: BLE001 (any failure of a job is one attempt of it)
            return self._failed(attempt, error, _stage(running))
        return self._succeeded(attempt, done, running)

    async def _done(self, running: Running) -> Done:
        """The work, in a task of its own, which can be stopped without the worker."""
        job_id, kind = running.job.id, self._kinds.get(running.job.kind)
        if kind is None:
            raise JobPostponed("only a newer release can do this")
        self._at_work[job_id] = running
        work: asyncio.Task[Done] = asyncio.ensure_future(kind.work(running))
        running.task = work
        try:
            done = await work
            running.leave()
            return done
        except asyncio.CancelledError:
            this = asyncio.current_task()
            if this is not None and this.cancelling():
                raise  # it is the worker that stops, or the time that is over
            async with self._database.read() as db:
                raise await why_not_held(db, job_id) from None
        finally:
            running.close()
            if self._at_work.get(job_id) is running:
                del self._at_work[job_id]

    def _succeeded(self, attempt: Attempt, done: Done, running: Running) -> Outcome:
        async def write(db: AsyncSession) -> None:
            await outcomes.succeed(db, attempt, done.result, timings=running.timings)
            await done.record(db)

        return Outcome("done", write)

    def _postponed(self, attempt: Attempt, postponed: JobPostponed, stage: str) -> Outcome:
        grown = retry_delay(attempt.waits + 1, first=FIRST_WAIT, most=LONGEST_WAIT)
        delay = grown if postponed.delay is None else postponed.delay
        return Outcome(
            "postponed",
            lambda db: outcomes.postpone(db, attempt, str(postponed), delay=delay, stage=stage),
        )

    def _failed(self, attempt: Attempt, error: Exception, stage: str) -> Outcome:
        job = attempt.job
        log.warning("job_failed", job_id=str(job.id), kind=job.kind, attempt=attempt.number, exc_info=error)
        reason = type(error).__name__  # its text may hold what the job was about
        if attempt.number >= attempt.most:
            return self._dead(attempt, reason, stage)
        delay = retry_delay(attempt.number)
        return Outcome("retried", lambda db: outcomes.fail(db, attempt, reason, delay=delay, stage=stage))

    def _dead(self, attempt: Attempt, reason: str, stage: str) -> Outcome:
        log.error("job_dead", job_id=str(attempt.job.id), kind=attempt.job.kind, reason=reason)
        return Outcome("dead", lambda db: outcomes.fail_for_good(db, attempt, reason, stage=stage))

    async def undo(self, job: Job) -> None:
        """Remove what a cancelled job may have left behind, and then take it off the queue. What cannot be removed now
        is due again later; what a stalled worker has written after that, it removes itself."""
        try:
            await self._kinds[job.kind].undo(job)
            async with self._database.write() as db:
                await queries.undone(db, job.id)
        except Exception as error:  # noqa: BLE001 (whatever it was: it stays on the queue to be tried again)
            log.warning("cancelled_job_not_undone", job_id=str(job.id), error=type(error).__name__)


def _stage(running: Running | None) -> str:
    return running.stage if running is not None else ""
