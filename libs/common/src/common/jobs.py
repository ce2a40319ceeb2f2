"""Jobs: enqueue one through the outbox, and what the work of one may say: rejected, postponed, not wanted any more."""

import random
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common import context
from common.bus import Bus
from common.contracts.jobs import Job, JobProgress, Priority, progress_subject, run_subject
from common.ids import new_id
from common.outbox import emit

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
    """It is final because somebody cancelled it: what this attempt has left behind is this worker's to remove."""


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
    emit(db, run_subject(kind, priority), job, message_id=str(job.id))
    return job.id


def retry_delay(attempt: int, *, first: float = FIRST_RETRY, most: float = LONGEST_RETRY) -> float:
    """Seconds before the attempt after `attempt`: doubling, with full jitter over the upper half."""
    longest = min(first * 2 ** min(attempt - 1, 20), most)
    return random.uniform(longest / 2, longest)  # noqa: S311 (jitter, not a secret)


async def report_progress(bus: Bus, job_id: UUID, progress: float, stage: str) -> None:
    """Tell whoever watches how far a job is (0..1). Best effort: it is kept nowhere."""
    message = JobProgress(job_id=job_id, progress=progress, stage=stage)
    await bus.send(progress_subject(job_id), msgspec.json.encode(message))
