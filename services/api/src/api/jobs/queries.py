"""Every statement on jobs that selects or is conditional."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CursorResult,
    Table,
    bindparam,
    delete,
    exists,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import Export
from api.jobs.models import UNFINISHED, JobStatus
from common.contracts.jobs import FINAL_STATES, JobEvent, JobState
from common.ids import now


async def find(db: AsyncSession, job_id: UUID, *, owner_id: UUID) -> JobStatus | None:
    return await db.scalar(select(JobStatus).where(JobStatus.id == job_id, JobStatus.owner_id == owner_id))


async def newest(
    db: AsyncSession,
    *,
    owner_id: UUID,
    after: UUID | None,
    limit: int,
    state: JobState | None = None,
    kind: str | None = None,
) -> Sequence[JobStatus]:
    """The newest `limit` jobs that are older than `after`; in one state, of one kind."""
    wanted = (
        select(JobStatus).where(JobStatus.owner_id == owner_id).order_by(JobStatus.id.desc()).limit(limit)
    )
    if after is not None:
        wanted = wanted.where(JobStatus.id < after)
    if state is not None:
        wanted = wanted.where(JobStatus.state == state)
    if kind is not None:
        wanted = wanted.where(JobStatus.kind == kind)
    return (await db.scalars(wanted)).all()


# Statements that every export takes are built once.
_JOBS = cast("Table", JobStatus.__table__)
_UNFINISHED = (
    select(_JOBS.c.state)
    .where(_JOBS.c.owner_id == bindparam("owner"), text(UNFINISHED))
    .limit(bindparam("most"))
)


async def unfinished(db: AsyncSession, *, owner_id: UUID, most: int) -> Sequence[JobState]:
    """The states of the owner's jobs that have not ended, those for later included; of `most` at most."""
    return cast(
        "Sequence[JobState]", (await db.scalars(_UNFINISHED, {"owner": owner_id, "most": most})).all()
    )


async def add(db: AsyncSession, **values: Any) -> None:
    """Insert a job; `values` are the columns of `JobStatus`, those that have a default if they are not that."""
    await db.execute(insert(_JOBS), values)


# What a stalled worker says after a failure begins nothing: of a failed job only that it is queued again is news.
_IS_REPLAYED = (_JOBS.c.state == "failed") & bindparam("is_queued", type_=Boolean())
_ADVANCE = update(_JOBS).where(
    _JOBS.c.id == bindparam("job"),
    _JOBS.c.seq < bindparam("before"),
    _JOBS.c.state.not_in(FINAL_STATES) | _IS_REPLAYED,
)


async def advance(db: AsyncSession, event: JobEvent, result: dict[str, Any] | None) -> bool:
    """Take over the state of `event` unless a later one is known, or one that is the last; whether it was taken.

    A failed job may go on, if somebody has replayed it.
    """
    condition = {"job": event.job_id, "before": event.seq, "is_queued": event.state == "queued"}
    values = {
        "state": event.state,
        "seq": event.seq,
        "attempt": event.attempt,
        "result": result,
        "error": event.error,
        "run_at": event.run_at,
        "updated_at": now(),
    }
    moved = await db.execute(_ADVANCE, condition | values)
    return cast("CursorResult[Any]", moved).rowcount == 1


async def forget(db: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Delete some jobs of which nothing was heard since then and that no export is of; how many, 0 when none is left."""
    exported = exists().where(Export.job_id == JobStatus.id)
    old = select(JobStatus.id).where(JobStatus.updated_at < before, ~exported).limit(limit)
    gone = await db.execute(delete(JobStatus).where(JobStatus.id.in_(old)).returning(JobStatus.id))
    return len(gone.all())
