"""The states of a job and the rules between them. Each function is the content of one transaction.

`queued → running → succeeded | failed`, with `retrying` after an attempt that failed or has to wait, and `cancelled`
from any of them. A state is written only by the latest claim and only while the job is not final (RELIABILITY 3), and
its event goes into the outbox of the same transaction.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import Job, JobCancel, JobEvent, JobState, event_subject
from common.ids import now
from common.jobs import LONGEST_ATTEMPT, Attempt, JobCancelled, JobPostponed, JobSuperseded
from common.outbox import emit
from processor.jobs import queries
from processor.jobs.models import JobStatus, QueuedJob

ABANDONED = timedelta(seconds=3 * LONGEST_ATTEMPT)
"""Age at which a claim is nobody's any more, whatever became of its message; above clock differences of 10 min."""


async def claim(db: AsyncSession, job: Job, *, message: int) -> Attempt | None:
    """A new attempt at the job, or None if it is final.

    The message that holds the claim may take it over: it only comes again after its worker went silent or gave it
    back, which the broker knows better than any clock here. A second message for the same job has to wait.
    """
    queued = await queries.locked(db, job.id)
    if queued is None:
        queued = _arrived(db, job.id, kind=job.kind, user_id=job.user_id, max_attempts=job.max_attempts)
        await db.flush()
    status = await queries.status(db, job.id)
    if status.is_final:
        return None
    if queued.message not in {None, message} and not _is_abandoned(queued):
        raise JobPostponed("another worker is at it")
    if await _done_by_another(db, job, queued, status):
        return None
    queued.message, queued.claimed_at = message, now()
    queued.fence += 1
    queued.attempts += 1
    status.attempt, status.started_at = queued.attempts, status.started_at or now()
    _move(db, status, "running")
    return Attempt(job, number=queued.attempts, fence=queued.fence, waits=queued.waits)


async def succeed(
    db: AsyncSession, attempt: Attempt, result: dict[str, Any], *, timings: dict[str, float]
) -> None:
    status = await _held(db, attempt)
    status.result, status.timings, status.progress, status.stage = result, timings, 1.0, ""
    _move(db, status, "succeeded", result=result)


async def postpone(db: AsyncSession, attempt: Attempt, reason: str, *, stage: str) -> None:
    """Take the attempt back: it did not count. Without a reason it is only in other hands from now on."""
    status = await _held(db, attempt)
    queued = await db.get_one(QueuedJob, attempt.job.id)
    queued.attempts -= 1
    queued.waits += 1 if reason else 0
    status.stage = stage
    _move(db, status, "retrying" if reason else "queued", error=reason or None)


async def fail(db: AsyncSession, attempt: Attempt, reason: str, *, stage: str, final: bool) -> None:
    status = await _held(db, attempt)
    queued = await db.get_one(QueuedJob, attempt.job.id)
    queued.waits = 0
    status.stage = stage
    _move(db, status, "failed" if final else "retrying", error=reason[:500])


async def cancel(db: AsyncSession, wanted: JobCancel) -> bool:
    """End a job in whatever state it is; whether it was ended by this. A final one stays as it is.

    The fence rises, so that whoever is at it can write nothing more. Of a job whose message has not come yet, the row
    stays as the sign by which its claim is refused.
    """
    queued = await queries.locked(db, wanted.job_id)
    if queued is None:
        queued = _arrived(db, wanted.job_id, kind=wanted.kind, user_id=wanted.user_id, max_attempts=0)
        await db.flush()
    status = await queries.status(db, wanted.job_id)
    if status.is_final:
        return False
    queued.fence += 1
    queued.message = None
    _move(db, status, "cancelled")
    return True


async def is_cancelled(db: AsyncSession, job_id: UUID) -> bool:
    return await queries.state(db, job_id) == "cancelled"


async def check_held(db: AsyncSession, attempt: Attempt) -> None:
    """Raise JobSuperseded if another claim has been made, JobCancelled if it was cancelled; for a last look before an
    effect outside the database."""
    if await queries.fence(db, attempt.job.id) != attempt.fence:
        raise await _why_not_held(db, attempt.job.id)


def _arrived(
    db: AsyncSession, job_id: UUID, *, kind: str, user_id: UUID | None, max_attempts: int
) -> QueuedJob:
    queued = QueuedJob(job_id=job_id, kind=kind, max_attempts=max_attempts)
    queued.fence = queued.attempts = queued.waits = 0
    db.add(queued)
    status = JobStatus(job_id=job_id, kind=kind, user_id=user_id, state="queued", seq=0, attempt=0)
    db.add(status)
    return queued


def _is_abandoned(queued: QueuedJob) -> bool:
    return queued.claimed_at is None or queued.claimed_at < now() - ABANDONED


async def _done_by_another(db: AsyncSession, job: Job, queued: QueuedJob, status: JobStatus) -> bool:
    """Whether another job with the same unique key has had the effect; its result is this one's too."""
    if not job.unique_key or queued.unique_key == job.unique_key:
        return False
    other = await queries.locked_by_key(db, job.unique_key, besides=job.id)
    if other is not None:
        others = await queries.status(db, other.job_id)
        if others.state == "succeeded":
            status.result = others.result
            _move(db, status, "succeeded", result=others.result)
            return True
        if not others.is_final:
            raise JobPostponed("another job with the same effect is not done")
        other.unique_key = None
        await db.flush()  # before the key is taken below: it is unique at every moment
    queued.unique_key = job.unique_key
    return False


async def _held(db: AsyncSession, attempt: Attempt) -> JobStatus:
    job_id: UUID = attempt.job.id
    if not await queries.let_go(db, job_id, fence=attempt.fence):
        raise await _why_not_held(db, job_id)
    status = await queries.status(db, job_id)
    if status.is_final:
        raise JobSuperseded
    return status


async def _why_not_held(db: AsyncSession, job_id: UUID) -> JobSuperseded:
    return JobCancelled() if await is_cancelled(db, job_id) else JobSuperseded()


def _move(
    db: AsyncSession,
    status: JobStatus,
    state: JobState,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    status.state, status.error = state, error
    status.seq += 1
    if status.is_final:
        status.finished_at = now()
    event = JobEvent(
        job_id=status.job_id,
        seq=status.seq,
        state=state,
        attempt=status.attempt,
        at=now(),
        result=result,
        error=error,
    )
    emit(db, event_subject(status.job_id, state), event, message_id=f"{status.job_id}.{status.seq}")
