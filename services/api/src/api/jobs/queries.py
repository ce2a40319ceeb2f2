"""Every statement on jobs that selects or is conditional."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.jobs.models import JobStatus
from common.contracts.jobs import FINAL_STATES, JobEvent
from common.ids import now


async def find(db: AsyncSession, job_id: UUID, *, owner_id: UUID) -> JobStatus | None:
    return await db.scalar(select(JobStatus).where(JobStatus.id == job_id, JobStatus.owner_id == owner_id))


async def advance(db: AsyncSession, event: JobEvent, result: dict[str, Any] | None) -> bool:
    """Take over the state of `event` unless a later or final one is known; whether it was taken."""
    moved = await db.execute(
        update(JobStatus)
        .where(
            JobStatus.id == event.job_id,
            JobStatus.seq < event.seq,
            JobStatus.state.not_in(FINAL_STATES),
        )
        .values(
            state=event.state,
            seq=event.seq,
            attempt=event.attempt,
            result=result,
            error=event.error,
            updated_at=now(),
        )
    )
    return cast("CursorResult[Any]", moved).rowcount == 1
