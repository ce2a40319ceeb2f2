"""Every SELECT for those who look at the queue from outside: staff, and the metrics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import Row, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import JobState, Priority
from processor.jobs.models import PRIORITIES, JobStatus, QueuedJob

Place = Literal["waiting", "running", "later", "dead"]
PRIORITY_NAMES: dict[int, Priority] = {number: name for name, number in PRIORITIES.items()}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs a list holds; what is None does not matter."""

    state: JobState | None = None
    kind: str | None = None
    user_id: UUID | None = None
    priority: Priority | None = None


class Depth(msgspec.Struct, frozen=True):
    """How many jobs of a kind and priority are in one place, and how many seconds the oldest of them has waited."""

    kind: str
    priority: Priority
    place: Place
    count: int
    oldest: float | None


async def newest(db: AsyncSession, wanted: Wanted, *, after: UUID | None, limit: int) -> Sequence[JobStatus]:
    found = select(JobStatus).order_by(JobStatus.job_id.desc()).limit(limit)
    if after is not None:
        found = found.where(JobStatus.job_id < after)
    if wanted.state is not None:
        found = found.where(JobStatus.state == wanted.state)
    if wanted.kind is not None:
        found = found.where(JobStatus.kind == wanted.kind)
    if wanted.user_id is not None:
        found = found.where(JobStatus.user_id == wanted.user_id)
    if wanted.priority is not None:
        found = found.where(JobStatus.priority == PRIORITIES[wanted.priority])
    return (await db.scalars(found)).all()


async def one(db: AsyncSession, job_id: UUID) -> Row[JobStatus, QueuedJob | None] | None:
    """The state of a job, and its row on the queue unless it is off that."""
    found = select(JobStatus, QueuedJob).outerjoin(QueuedJob, QueuedJob.job_id == JobStatus.job_id)
    return (await db.execute(found.where(JobStatus.job_id == job_id))).one_or_none()


async def by_state(db: AsyncSession) -> Sequence[Row[JobState, str, int]]:
    counted = select(JobStatus.state, JobStatus.kind, func.count()).group_by(JobStatus.state, JobStatus.kind)
    return (await db.execute(counted)).all()


async def depths(db: AsyncSession, at: datetime) -> list[Depth]:
    """What the queue holds: one look at all of it."""
    place = case(
        (QueuedJob.holder.is_not(None), "running"),
        (QueuedJob.turn.is_not(None), "waiting"),
        (QueuedJob.due_at.is_not(None), "later"),
        else_="dead",
    ).label("place")
    counted = select(
        QueuedJob.kind, QueuedJob.priority, place, func.count(), func.min(QueuedJob.queued_at)
    ).group_by(QueuedJob.kind, QueuedJob.priority, place)
    rows: Any = await db.execute(counted)
    return [
        Depth(kind, PRIORITY_NAMES[priority], where, count, _age(oldest, at))
        for kind, priority, where, count, oldest in rows
    ]


def _age(since: datetime | None, at: datetime) -> float | None:
    return None if since is None else max((at - since).total_seconds(), 0.0)


async def dead(db: AsyncSession, kind: str, *, before: datetime, limit: int) -> Sequence[UUID]:
    """Some dead jobs of a kind that died before then and can be replayed, the oldest first."""
    found = select(JobStatus.job_id).join(QueuedJob, QueuedJob.job_id == JobStatus.job_id)
    found = found.where(JobStatus.state == "failed", JobStatus.kind == kind, JobStatus.finished_at < before)
    found = found.where(QueuedJob.envelope.is_not(None))
    return (await db.scalars(found.order_by(JobStatus.job_id).limit(limit))).all()


async def kept_for_a_replay(
    db: AsyncSession, kind: str, *, after: UUID | None, limit: int
) -> Sequence[QueuedJob]:
    """Dead jobs of a kind that still say what they were to do, from the one after `after` on; locked."""
    found = select(QueuedJob).join(JobStatus, JobStatus.job_id == QueuedJob.job_id)
    found = found.where(JobStatus.state == "failed", JobStatus.kind == kind, QueuedJob.envelope.is_not(None))
    if after is not None:
        found = found.where(QueuedJob.job_id > after)
    found = found.order_by(QueuedJob.job_id).limit(limit).with_for_update(of=QueuedJob, skip_locked=True)
    return (await db.scalars(found)).all()


async def forget(db: AsyncSession, before: datetime, *, limit: int) -> int:
    """Delete some jobs that ended before then, with what was kept of dead ones; how many, 0 when none is left."""
    old = select(JobStatus.job_id).where(JobStatus.finished_at < before).limit(limit)
    ids = (await db.scalars(old)).all()
    if ids:
        await db.execute(delete(QueuedJob).where(QueuedJob.job_id.in_(ids)))
        await db.execute(delete(JobStatus).where(JobStatus.job_id.in_(ids)))
    return len(ids)
