"""What is known of jobs, and how their events change it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.exports import queries as exports
from api.jobs import queries
from api.jobs.models import JobStatus
from api.jobs.schemas import JobRead
from api.webhooks import service as webhooks
from common.contracts.jobs import FINAL_STATES, JobCancel, JobEvent, JobProgress, JobState
from common.outbox import emit
from common.problems import NotFound, Problem

_PLACE = ("bucket", "key")


class JobNotFound(NotFound):
    title = "Job not found"


class JobFinished(Problem):
    status, code, title = 409, "JOB_FINISHED", "The job has finished"


async def get(db: AsyncSession, job_id: UUID, *, owner_id: UUID) -> JobStatus:
    job = await queries.find(db, job_id, owner_id=owner_id)
    if job is None:
        raise JobNotFound
    return job


async def cancel(db: AsyncSession, job_id: UUID, *, owner_id: UUID) -> JobStatus:
    """Ask the processor to end a job; asking again changes nothing. It is cancelled when the processor says so: until
    then it may succeed. Raises JobFinished."""
    job = await get(db, job_id, owner_id=owner_id)
    if is_final(job) and job.state != "cancelled":
        raise JobFinished(f"It has {job.state}.")
    if not is_final(job):
        emit(db, JobCancel.SUBJECT, JobCancel(job_id=job.id, kind=job.kind, user_id=job.owner_id))
    return job


async def apply(db: AsyncSession, events: Sequence[JobEvent]) -> None:
    """Take over what events say, as far as that is new and of jobs of ours (RELIABILITY 3)."""
    news = []
    for event in events:
        if await _advance(db, event):
            news.append(event)
    await webhooks.tell_of_jobs(db, news)


async def _advance(db: AsyncSession, event: JobEvent) -> bool:
    """Take over an event; whether it was news. Where the file lies is for the export alone, whose owner gets an address that
    works for a while."""
    result = None if event.result is None else {k: v for k, v in event.result.items() if k not in _PLACE}
    moved = await queries.advance(db, event, result)
    if moved and event.state == "succeeded" and event.result and all(event.result.get(k) for k in _PLACE):
        await exports.place(
            db, job_id=event.job_id, bucket=str(event.result["bucket"]), key=str(event.result["key"])
        )
    return moved


def is_final(job: JobStatus) -> bool:
    return job.state in FINAL_STATES


def shape(job: JobStatus, heard: JobProgress | None) -> JobRead:
    """The job as it goes out, with the progress that was last heard of it."""
    state: JobState = job.state  # type: ignore[assignment]
    if state == "succeeded":
        progress, stage = 1.0, ""
    elif state == "running" and heard is not None:
        progress, stage = min(max(heard.progress, 0.0), 1.0), heard.stage
    else:
        progress, stage = 0.0, ""
    return JobRead(
        id=job.id,
        kind=job.kind,
        state=state,
        progress=progress,
        stage=stage,
        attempt=job.attempt,
        error=job.error,
        run_at=job.run_at,
        result=job.result,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )
