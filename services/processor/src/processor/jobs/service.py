"""What staff may do about jobs. The functions with `db` do not commit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import FINAL_STATES, JobCancel
from common.problems import NotFound, Problem
from processor.jobs import lists, outcomes, queries
from processor.jobs.arrivals import Turns, queue_again
from processor.jobs.clock import moment
from processor.jobs.lists import PRIORITY_NAMES
from processor.jobs.models import JobStatus, QueuedJob
from processor.jobs.schemas import JobCount, JobCounts, JobDepth, JobDetail, JobRow

_PLACE = ("bucket", "key")
"""Where a file lies: its owner gave it its name."""


class JobNotFound(NotFound):
    title = "Job not found"


class JobFinished(Problem):
    status, code, title = 409, "JOB_FINISHED", "The job has finished"


class JobNotDead(Problem):
    status, code, title = 409, "JOB_NOT_DEAD", "The job has not failed"


class JobForgotten(Problem):
    status, code, title = 409, "JOB_FORGOTTEN", "What the job was to do is not known any more"


async def counts(db: AsyncSession) -> JobCounts:
    states = [JobCount(state=state, kind=kind, count=n) for state, kind, n in await lists.by_state(db)]
    waiting = [
        JobDepth(kind=d.kind, priority=d.priority, waiting=d.count, oldest_seconds=d.oldest or 0.0)
        for d in await lists.depths(db, (await moment(db)).at)
        if d.place == "waiting"
    ]
    return JobCounts(states=states, waiting=waiting)


async def detail(db: AsyncSession, job_id: UUID) -> JobDetail:
    """Raises JobNotFound."""
    found = await lists.one(db, job_id)
    if found is None:
        raise JobNotFound
    status, row = found
    result = None if status.result is None else {k: v for k, v in status.result.items() if k not in _PLACE}
    return JobDetail(
        **_fields(status),
        seq=status.seq,
        progress=status.progress,
        result=result,
        timings=status.timings,
        max_attempts=row.max_attempts if row is not None else None,
        waits=row.waits if row is not None else None,
        can_be_replayed=status.state == "failed" and row is not None and row.envelope is not None,
    )


def shape(status: JobStatus) -> JobRow:
    return JobRow(**_fields(status))


def _fields(status: JobStatus) -> dict[str, Any]:
    same = ("id", "kind", "state", "user_id", "stage", "attempt", "error", "run_at")
    times = ("created_at", "started_at", "finished_at")
    fields = {name: getattr(status, name) for name in (*same, *times)}
    return fields | {"priority": PRIORITY_NAMES[status.priority]}


async def cancel(db: AsyncSession, job_id: UUID) -> None:
    """End a job that has not ended; one that is cancelled stays so. Raises JobNotFound, JobFinished."""
    status, _ = await _found(db, job_id)
    wanted = JobCancel(job_id=job_id, kind=status.kind, user_id=status.user_id)
    if not await outcomes.cancel(db, wanted) and status.state != "cancelled":
        raise JobFinished(f"It has {status.state}.")


async def retry(db: AsyncSession, job_id: UUID) -> None:
    """Let a job go on now that waits for its time; one that waits for a worker, or runs, does so already.

    Raises JobNotFound, JobFinished.
    """
    status, row = await _found(db, job_id)
    if row is None or status.state in FINAL_STATES:
        raise JobFinished(f"It has {status.state}.")
    if row.due_at is not None:
        await queue_again(db, row, Turns(db), await moment(db), told=status.state == "scheduled")


async def replay(db: AsyncSession, job_id: UUID) -> bool:
    """Let a dead job begin anew: the same job, its attempts counted from the start, its deadline forgotten. One that is
    not dead stays as it is; whether it was. Raises JobNotFound, JobForgotten."""
    status, row = await _found(db, job_id)
    if status.state != "failed":
        return False
    if row is None or row.envelope is None:
        raise JobForgotten
    await _replay(db, row, Turns(db))
    return True


async def replay_some(db: AsyncSession, kind: str, *, before: datetime, limit: int) -> int:
    """Replay dead jobs of a kind that died before then, the oldest first; how many, 0 when there are none left."""
    turns, count = Turns(db), 0
    for job_id in await lists.dead(db, kind, before=before, limit=limit):
        row = await queries.locked(db, job_id)
        if row is not None and row.envelope is not None and await queries.state(db, job_id) == "failed":
            await _replay(db, row, turns)
            count += 1
    return count


async def drop(db: AsyncSession, job_id: UUID) -> None:
    """Forget what a dead job was to do; that it failed stays known. Raises JobNotFound, JobNotDead."""
    status, row = await _found(db, job_id)
    if status.state != "failed":
        raise JobNotDead(f"It is {status.state}.")
    if row is not None:
        await db.delete(row)


async def _replay(db: AsyncSession, row: QueuedJob, turns: Turns) -> None:
    row.attempts = row.waits = 0
    await queue_again(db, row, turns, await moment(db), told=True, anew=True)


async def _found(db: AsyncSession, job_id: UUID) -> tuple[JobStatus, QueuedJob | None]:
    """The job, its row on the queue locked first, as by everybody who changes it."""
    row = await queries.locked(db, job_id)
    found = await lists.one(db, job_id)
    if found is None:
        raise JobNotFound
    return found[0], row
