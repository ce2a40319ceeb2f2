"""Every statement on jobs that selects or is conditional."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import Export
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


async def forget(db: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Delete some jobs of which nothing was heard since then and that no export is of; how many, 0 when none is left."""
    exported = exists().where(Export.job_id == JobStatus.id)
    old = select(JobStatus.id).where(JobStatus.updated_at < before, ~exported).limit(limit)
    gone = await db.execute(delete(JobStatus).where(JobStatus.id.in_(old)).returning(JobStatus.id))
    return len(gone.all())
