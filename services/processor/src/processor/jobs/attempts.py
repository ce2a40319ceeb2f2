"""One try at a job, and whether it still counts."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import Job
from common.jobs import JobCancelled, JobSuperseded
from processor.jobs import queries


class Attempt(msgspec.Struct, frozen=True):
    """`number` counts the tries that failed or were cut short, this one included, `most` is how many there may be;
    `waits` are the times in a row that the job was postponed; `fence` tells this try from every other one."""

    job: Job
    pool: str
    number: int
    fence: int
    most: int
    waits: int = 0


async def check_held(db: AsyncSession, attempt: Attempt) -> None:
    """Raise JobSuperseded if another claim has been made, JobCancelled if it was cancelled; for a last look before an
    effect outside the database."""
    if await queries.fence(db, attempt.job.id) != attempt.fence:
        raise await why_not_held(db, attempt.job.id)


async def why_not_held(db: AsyncSession, job_id: UUID) -> JobSuperseded:
    return JobCancelled() if await queries.state(db, job_id) == "cancelled" else JobSuperseded()
