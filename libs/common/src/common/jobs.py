"""Jobs: enqueue one through the outbox, and work them off with retries, a dead-letter stream and a clean drain."""

import asyncio
import random
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.ext.asyncio import AsyncSession

from common import context
from common.bus import Bus
from common.consumer import ACK_WAIT, Consumer, Delivery
from common.contracts.jobs import Job, JobProgress, Priority, progress_subject, run_subject
from common.ids import new_id, now
from common.outbox import emit

log = structlog.get_logger()

OUTCOMES = Counter("jobs_handled", "Jobs by what became of them", ["kind", "outcome"])
DURATION = Histogram("job_seconds", "Seconds one attempt of a job took", ["kind"])

FIRST_RETRY, LONGEST_RETRY = 2.0, 120.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
LONGEST_ATTEMPT = 300.0
"""Seconds after which an attempt is cut off; a worker that is still at it later is stalled or dead."""


class JobRejected(Exception):
    """The job can never succeed (its input is wrong): it is not tried again. The message may be shown to its owner."""


class JobPostponed(Exception):
    """Something the job needs is not there right now. Does not count as one of its attempts.

    It comes again after `delay` seconds, which grows by itself unless it is given.
    """

    def __init__(self, reason: str, *, delay: float | None = None) -> None:
        super().__init__(reason)
        self.delay = delay


class JobSuperseded(Exception):
    """Another worker has taken the job over, or it is final: nothing of this attempt may be kept."""


class JobCancelled(JobSuperseded):
    """It is final because somebody cancelled it: the message is still this worker's, and does nothing any more."""


def enqueue(
    db: AsyncSession,
    payload: msgspec.Struct,
    *,
    kind: str,
    user_id: UUID | None = None,
    job_id: UUID | None = None,
    unique_key: str = "",
    priority: Priority = "normal",
    run_at: datetime | None = None,
    deadline: datetime | None = None,
) -> UUID:
    """Put a job into the outbox of this transaction; it runs once the transaction has committed, and not before `run_at`.

    After its `deadline` it is not begun any more. Both are aware times.
    """
    job = Job(
        id=job_id or new_id(),
        kind=kind,
        user_id=user_id,
        request_id=context.request_id.get(),
        traceparent=context.traceparent.get(),
        unique_key=unique_key,
        priority=priority,
        run_at=run_at,
        deadline=deadline,
        payload=msgspec.to_builtins(payload),
    )
    emit(db, run_subject(kind), job, message_id=str(job.id))
    return job.id


def retry_delay(attempt: int, *, first: float = FIRST_RETRY, most: float = LONGEST_RETRY) -> float:
    """Seconds before the attempt after `attempt`: doubling, with full jitter over the upper half."""
    longest = min(first * 2 ** min(attempt - 1, 20), most)
    return random.uniform(longest / 2, longest)  # noqa: S311 (jitter, not a secret)


class Attempt(msgspec.Struct, frozen=True):
    """One try at a job.

    `number` counts the tries that failed or were cut short, this one included; `waits` the times in a row that it was
    postponed; `fence` rises with every claim, so that what an older one writes can be told and refused.
    """

    job: Job
    number: int
    fence: int
    waits: int = 0


class Runner(Protocol):
    """Does the jobs of one kind and remembers their attempts. The worker decides what follows from how one ended.

    Deliveries do not tell attempts: a message that was given back on a stop, or waited for something, is delivered
    again too. So the count is the runner's, kept where the claims are.
    """

    async def claim(self, job: Job, message: int) -> Attempt | None:
        """A new attempt for the message of that stream sequence, or None if the job is final.

        Raises JobPostponed while another message's worker is at it, or what is left to do cannot be done yet.
        """

    async def run(self, attempt: Attempt) -> None:
        """Do it and commit what came of it. Raises JobSuperseded if it is no longer this attempt's to commit."""

    async def postpone(self, attempt: Attempt, reason: str) -> None:
        """It will come again, and this time did not count. `reason` is empty when only the worker stops.

        This and `fail` raise JobSuperseded as `run` does.
        """

    async def fail(self, attempt: Attempt, reason: str, *, final: bool) -> None:
        """It failed; unless `final`, it will come again."""


class Worker:
    """Works off the jobs of one kind with `workers` at a time."""

    def __init__(
        self,
        bus: Bus,
        *,
        kind: str,
        runner: Runner,
        workers: int,
        max_attempts: int = 5,
        ack_wait: float = ACK_WAIT,
        first_retry: float = FIRST_RETRY,
    ) -> None:
        self._bus = bus
        self._kind = kind
        self._runner = runner
        self._max_attempts = max_attempts
        self._first_retry = first_retry
        self.consumer = Consumer(
            bus,
            stream="JOBS",
            durable=kind,
            subject=run_subject(kind),
            handle=self._handle,
            workers=workers,
            ack_wait=ack_wait,
            bury=self._bury,
        )

    async def _handle(self, delivery: Delivery) -> None:
        try:
            job = msgspec.json.decode(delivery.data, type=Job)
        except msgspec.DecodeError as error:
            await self._bury(delivery, f"not a job: {error}")
            await delivery.term()
            return
        if job.request_id:
            context.accept(job.request_id, job.traceparent)
        try:
            attempt = await self._runner.claim(job, delivery.stream_seq)
        except JobPostponed as busy:
            await delivery.retry(busy.delay or FIRST_WAIT)
            return
        if attempt is None:
            await delivery.ack()
            return
        try:
            await self._attempt(delivery, attempt)
        except JobCancelled:
            OUTCOMES.labels(self._kind, "cancelled").inc()
            await delivery.retry()  # the next claim finds it cancelled, and the message goes
        except JobSuperseded:
            # Not answered: the message is the other worker's by now, and an answer from here would count as its own.
            OUTCOMES.labels(self._kind, "superseded").inc()

    async def _attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        log.info("job_started", job_id=str(attempt.job.id), kind=self._kind, attempt=attempt.number)
        try:
            with DURATION.labels(self._kind).time():
                await self._run(attempt)
        except asyncio.CancelledError:
            await self._runner.postpone(attempt, "")
            raise
        except JobSuperseded:
            raise
        except JobPostponed as postponed:
            await self._runner.postpone(attempt, str(postponed))
            OUTCOMES.labels(self._kind, "postponed").inc()
            grown = retry_delay(attempt.waits + 1, first=FIRST_WAIT, most=LONGEST_WAIT)
            await delivery.retry(postponed.delay or grown)
        except JobRejected as rejected:
            await self._give_up(delivery, attempt, str(rejected))
        except Exception as error:  # noqa: BLE001 (any failure of a job is one attempt of it)
            await self._failed(delivery, attempt, error)
        else:
            OUTCOMES.labels(self._kind, "done").inc()
            log.info("job_done", job_id=str(attempt.job.id), kind=self._kind, attempt=attempt.number)
            await delivery.ack()

    async def _run(self, attempt: Attempt) -> None:
        if attempt.number > self._most(attempt):
            raise JobRejected("Every attempt was cut short.")  # by the death of its worker, each time
        if attempt.job.deadline is not None and attempt.job.deadline < now():
            raise JobRejected("It was not done in time.")
        async with asyncio.timeout(LONGEST_ATTEMPT):
            await self._runner.run(attempt)

    def _most(self, attempt: Attempt) -> int:
        return min(attempt.job.max_attempts, self._max_attempts)

    async def _failed(self, delivery: Delivery, attempt: Attempt, error: Exception) -> None:
        log.warning(
            "job_attempt_failed",
            job_id=str(attempt.job.id),
            kind=self._kind,
            attempt=attempt.number,
            exc_info=error,
        )
        reason = type(error).__name__  # its text may hold what the job was about
        if attempt.number >= self._most(attempt):
            await self._give_up(delivery, attempt, reason)
            return
        await self._runner.fail(attempt, reason, final=False)
        OUTCOMES.labels(self._kind, "retried").inc()
        await delivery.retry(retry_delay(attempt.number, first=self._first_retry))

    async def _give_up(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """Copy the message to the dead-letter stream, and only then let the job be final and off the queue."""
        await self._bury(delivery, reason, attempts=attempt.number)
        await self._runner.fail(attempt, reason, final=True)
        await delivery.term()

    async def _bury(self, delivery: Delivery, reason: str, *, attempts: int = 0) -> None:
        OUTCOMES.labels(self._kind, "dead").inc()
        log.error("job_dead", kind=self._kind, reason=reason)
        headers = {
            "Nats-Msg-Id": f"dead.{self._kind}.{delivery.stream_seq}",
            "X-Dead-Reason": reason.replace("\n", " ").replace("\r", " ")[:500],
            "X-Dead-Attempts": str(attempts),
        }
        await self._bus.publish(f"jobs.dead.{self._kind}", delivery.data, headers=headers)


async def report_progress(bus: Bus, job_id: UUID, progress: float, stage: str) -> None:
    """Tell whoever watches how far a job is (0..1). Best effort: it is kept nowhere."""
    message = JobProgress(job_id=job_id, progress=progress, stage=stage)
    await bus.send(progress_subject(job_id), msgspec.json.encode(message))
