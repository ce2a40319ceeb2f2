"""Every SELECT and UPDATE of jobs."""

from typing import cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import JobState
from processor.jobs.models import JobStatus, QueuedJob


async def locked(db: AsyncSession, job_id: UUID) -> QueuedJob | None:
    """The claim, which nobody else can change until the transaction ends."""
    return await db.scalar(select(QueuedJob).where(QueuedJob.job_id == job_id).with_for_update())


async def locked_by_key(db: AsyncSession, unique_key: str, *, besides: UUID) -> QueuedJob | None:
    """The claim of another job that has this effect."""
    claim = select(QueuedJob).where(QueuedJob.unique_key == unique_key, QueuedJob.job_id != besides)
    return await db.scalar(claim.with_for_update())


async def status(db: AsyncSession, job_id: UUID) -> JobStatus:
    return (await db.scalars(select(JobStatus).where(JobStatus.job_id == job_id))).one()


async def let_go(db: AsyncSession, job_id: UUID, *, fence: int) -> bool:
    """Give up the claim; False if somebody else has it by now. Locks the row until the transaction ends."""
    held = (QueuedJob.job_id == job_id, QueuedJob.fence == fence)
    result = await db.execute(update(QueuedJob).where(*held).values(message=None))
    return cast("CursorResult[object]", result).rowcount == 1


async def fence(db: AsyncSession, job_id: UUID) -> int | None:
    """The fence of the latest claim."""
    return await db.scalar(select(QueuedJob.fence).where(QueuedJob.job_id == job_id))


async def state(db: AsyncSession, job_id: UUID) -> JobState | None:
    return await db.scalar(select(JobStatus.state).where(JobStatus.job_id == job_id))
