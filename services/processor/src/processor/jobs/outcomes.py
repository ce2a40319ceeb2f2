"""What becomes of jobs. Each function is part of a transaction that its caller commits.

`queued → running → succeeded | failed`, with `scheduled` before and `retrying` after an attempt that failed or has to
wait, and `cancelled` from any of them; a failed one can be replayed. A state is written only by the latest claim and
only while the job is not final (RELIABILITY 3): a final one is off the queue, or its fence has risen.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import FINAL_STATES, Job, JobCancel
from processor.jobs import queries
from processor.jobs.attempts import Attempt, why_not_held
from processor.jobs.clock import Moment, moment
from processor.jobs.models import JobStatus, QueuedJob
from processor.jobs.states import bury, move, read_envelope

UNDO_AFTER = 30.0
"""Seconds that whoever is at a cancelled job has to undo it before another does."""


async def succeed(
    db: AsyncSession, attempt: Attempt, result: dict[str, Any], *, timings: dict[str, float]
) -> None:
    if not await queries.finish(db, attempt.job.id, fence=attempt.fence):
        raise await why_not_held(db, attempt.job.id)
    values: dict[str, Any] = {"result": result, "timings": timings, "progress": 1.0, "stage": ""}
    await move(db, [attempt.job.id], "succeeded", await moment(db), **values)


async def same_as(db: AsyncSession, row: QueuedJob, job: Job, other: JobStatus, moment: Moment) -> None:
    """Another job has had the effect of this one, which waits: the result is that one's."""
    await queries.finish(db, row.job_id, fence=row.fence)
    await move(db, [job.id], "succeeded", moment, jobs={job.id: job}, result=other.result, progress=1.0)


async def give_back(db: AsyncSession, attempt: Attempt) -> None:
    """It waits for another worker, at its old place: only this process ends, and the attempt did not count."""
    await _release(db, attempt, attempts=attempt.number - 1)
    await move(db, [attempt.job.id], "queued", await moment(db))


async def postpone(db: AsyncSession, attempt: Attempt, reason: str, *, delay: float, stage: str) -> None:
    """It is tried again `delay` seconds from now, and this attempt did not count."""
    await _later(db, attempt, reason, delay=delay, stage=stage, counts=False)


async def fail(db: AsyncSession, attempt: Attempt, reason: str, *, delay: float, stage: str) -> None:
    """It is tried again `delay` seconds from now."""
    await _later(db, attempt, reason, delay=delay, stage=stage, counts=True)


async def _later(
    db: AsyncSession, attempt: Attempt, reason: str, *, delay: float, stage: str, counts: bool
) -> None:
    now = await moment(db)
    due_at = now.at + timedelta(seconds=delay)
    attempts, waits = (attempt.number, 0) if counts else (attempt.number - 1, attempt.waits + 1)
    await _release(db, attempt, turn=None, due_at=due_at, attempts=attempts, waits=waits)
    await move(db, [attempt.job.id], "retrying", now, error=reason[:500], stage=stage, run_at=due_at)


async def _release(db: AsyncSession, attempt: Attempt, **values: Any) -> None:
    if not await queries.release(db, attempt.job.id, fence=attempt.fence, **values):
        raise await why_not_held(db, attempt.job.id)


async def fail_for_good(db: AsyncSession, attempt: Attempt, reason: str, *, stage: str) -> None:
    """It is dead: a copy goes to the dead letters, and what is needed for a replay stays."""
    row = await queries.held(db, attempt.job.id, fence=attempt.fence)
    if row is None:
        raise await why_not_held(db, attempt.job.id)
    await give_up(db, row, attempt.job, reason, await moment(db), stage=stage)


async def give_up(
    db: AsyncSession, row: QueuedJob, job: Job, reason: str, moment: Moment, **values: Any
) -> None:
    """Let a job be dead, which this transaction has locked."""
    row.turn = row.due_at = row.holder = row.lease_until = None
    row.fence += 1
    await db.flush()
    bury(db, job, row.envelope or b"", reason, attempts=row.attempts)
    await move(db, [job.id], "failed", moment, jobs={job.id: job}, error=reason[:500], run_at=None, **values)


async def cancel(db: AsyncSession, wanted: JobCancel) -> bool:
    """End a job in whatever state it is; whether it was ended by this. A final one stays as it is.

    The fence rises, so that whoever is at it can write nothing more. One that was ever begun stays on the queue until
    what it may have left behind is removed. Of a job whose message has not come yet, the state is the sign by which it
    is refused.
    """
    now = await moment(db)
    row = await queries.locked(db, wanted.job_id)
    if row is None and await queries.arrive(db, [_never_came(wanted, now)]):
        await move(db, [wanted.job_id], "cancelled", now)
        return True
    row = row or await queries.locked(db, wanted.job_id)  # it came this very moment
    if row is None or await queries.state(db, wanted.job_id) in FINAL_STATES:
        return False
    jobs = {row.job_id: read_envelope(row.envelope)} if row.envelope else {}
    await _take_off(db, row, now)
    await move(db, [wanted.job_id], "cancelled", now, jobs=jobs, run_at=None)
    return True


async def _take_off(db: AsyncSession, row: QueuedJob, moment: Moment) -> None:
    if not row.fence or row.envelope is None:
        await db.delete(row)
    else:
        wait = UNDO_AFTER if row.holder else 0.0
        row.turn = row.holder = row.lease_until = None
        row.due_at = moment.at + timedelta(seconds=wait)
        row.fence += 1
    await db.flush()


def _never_came(wanted: JobCancel, moment: Moment) -> dict[str, Any]:
    return {
        "job_id": wanted.job_id,
        "kind": wanted.kind,
        "user_id": wanted.user_id,
        "state": "queued",
        "seq": 0,
        "progress": 0.0,
        "stage": "",
        "attempt": 0,
        "created_at": moment.at,
    }
