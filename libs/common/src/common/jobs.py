"""Jobs: enqueue one through the outbox, and work them off with retries, a dead-letter stream and a clean drain."""

import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.ext.asyncio import AsyncSession

from common import context
from common.bus import Bus
from common.consumer import ACK_WAIT, Consumer, Delivery
from common.contracts.jobs import Job, JobProgress, progress_subject, run_subject
from common.ids import new_id
from common.outbox import emit

log = structlog.get_logger()

OUTCOMES = Counter("jobs_handled", "Jobs by what became of them", ["kind", "outcome"])
DURATION = Histogram("job_seconds", "Seconds one attempt of a job took", ["kind"])

FIRST_RETRY, LONGEST_RETRY = 2.0, 120.0


class JobRejected(Exception):
    """The job can never succeed (its input is wrong): it is not tried again."""


class JobPostponed(Exception):
    """Something the job needs is not there right now. Does not count as one of its attempts."""

    def __init__(self, reason: str, *, delay: float) -> None:
        super().__init__(reason)
        self.delay = delay


def enqueue(
    db: AsyncSession,
    payload: msgspec.Struct,
    *,
    kind: str,
    user_id: UUID | None = None,
    job_id: UUID | None = None,
    unique_key: str = "",
) -> UUID:
    """Put a job into the outbox of this transaction; it runs once the transaction has committed."""
    job = Job(
        id=job_id or new_id(),
        kind=kind,
        user_id=user_id,
        request_id=context.request_id.get(),
        traceparent=context.traceparent.get(),
        unique_key=unique_key,
        payload=msgspec.to_builtins(payload),
    )
    emit(db, run_subject(kind), job, message_id=str(job.id))
    return job.id


def retry_delay(attempt: int) -> float:
    """Seconds before the attempt after `attempt`: doubling, with full jitter over the upper half."""
    longest = min(FIRST_RETRY * 2 ** (attempt - 1), LONGEST_RETRY)
    return random.uniform(longest / 2, longest)  # noqa: S311 (jitter, not a secret)


class Runner:
    """What a worker calls: `run` for an attempt, `gave_up` once there will be no other."""

    def __init__(
        self, run: Callable[[Job], Awaitable[None]], gave_up: Callable[[Job, str], Awaitable[None]]
    ) -> None:
        self.run = run
        self.gave_up = gave_up


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
    ) -> None:
        self._bus = bus
        self._kind = kind
        self._runner = runner
        self._max_attempts = max_attempts
        self.consumer = Consumer(
            bus,
            stream="JOBS",
            durable=kind,
            subject=run_subject(kind),
            handle=self._handle,
            workers=workers,
            ack_wait=ack_wait,
        )

    async def _handle(self, delivery: Delivery) -> None:
        try:
            job = msgspec.json.decode(delivery.data, type=Job)
        except msgspec.DecodeError as error:
            await self._bury(delivery, f"not a job: {error}")
            return
        job = msgspec.structs.replace(job, attempt=delivery.attempt)
        if job.request_id:
            context.accept(job.request_id, job.traceparent)
        try:
            with DURATION.labels(self._kind).time():
                await self._runner.run(job)
        except JobPostponed as postponed:
            OUTCOMES.labels(self._kind, "postponed").inc()
            await delivery.retry(postponed.delay)
        except JobRejected as rejected:
            await self._give_up(delivery, job, str(rejected))
        except Exception as error:  # noqa: BLE001 (any failure of a job is one attempt of it)
            await self._failed(delivery, job, error)
        else:
            OUTCOMES.labels(self._kind, "done").inc()
            await delivery.ack()

    async def _failed(self, delivery: Delivery, job: Job, error: Exception) -> None:
        log.warning(
            "job_attempt_failed", job_id=str(job.id), kind=job.kind, attempt=job.attempt, exc_info=error
        )
        if job.attempt >= min(job.max_attempts, self._max_attempts):
            await self._give_up(delivery, job, f"{type(error).__name__}: {error}"[:500])
            return
        OUTCOMES.labels(self._kind, "retried").inc()
        await delivery.retry(retry_delay(job.attempt))

    async def _give_up(self, delivery: Delivery, job: Job, reason: str) -> None:
        await self._runner.gave_up(job, reason)
        await self._bury(delivery, reason)

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        """Copy the message to the dead-letter stream, and only then take it off the queue."""
        OUTCOMES.labels(self._kind, "dead").inc()
        log.error("job_dead", kind=self._kind, reason=reason)
        headers = {
            "Nats-Msg-Id": f"dead.{delivery.stream_seq}",
            "X-Dead-Reason": reason.replace("\n", " ")[:500],
            "X-Dead-Attempts": str(delivery.attempt),
        }
        await self._bus.publish(f"jobs.dead.{self._kind}", delivery.data, headers=headers)
        await delivery.term()


async def report_progress(bus: Bus, job_id: UUID, progress: float, stage: str) -> None:
    """Tell whoever watches how far a job is (0..1). Best effort: it is kept nowhere."""
    message = JobProgress(job_id=job_id, progress=progress, stage=stage)
    await bus.send(progress_subject(job_id), msgspec.json.encode(message))
