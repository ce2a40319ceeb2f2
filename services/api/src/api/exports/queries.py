"""Every SELECT on exports: none without its owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Result, Row, Select, Table, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import KEPT, Export
from api.jobs.models import JobStatus


def _of(owner_id: UUID) -> Select[Export, JobStatus]:
    return (
        select(Export, JobStatus)
        .join(JobStatus, JobStatus.id == Export.job_id)
        .where(Export.owner_id == owner_id)
    )


async def find(db: AsyncSession, export_id: UUID, *, owner_id: UUID) -> Row[Export, JobStatus] | None:
    rows = await db.execute(_of(owner_id).where(Export.id == export_id))
    return rows.one_or_none()


async def newest(
    db: AsyncSession,
    *,
    owner_id: UUID,
    after: UUID | None,
    limit: int,
    resume_id: UUID | None = None,
    status: str | None = None,
    format: str | None = None,
) -> Sequence[Row[Export, JobStatus]]:
    """The newest `limit` exports that are older than `after`, each with its job; of one resume, in one state or format."""
    wanted = _of(owner_id).order_by(Export.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Export.id < after)
    if resume_id is not None:
        wanted = wanted.where(Export.resume_id == resume_id)
    if status is not None:
        wanted = wanted.where(JobStatus.state == status)
    if format is not None:
        wanted = wanted.where(Export.format == format)
    return (await db.execute(wanted)).all()


_EXPORTS = cast("Table", Export.__table__)
_PLACE = update(_EXPORTS).where(_EXPORTS.c.job_id == bindparam("job"))


async def place(db: AsyncSession, *, job_id: UUID, bucket: str, key: str) -> None:
    """Note where the file of a job lies."""
    await db.execute(_PLACE, {"job": job_id, "bucket": bucket, "key": key})


async def expired(db: AsyncSession, at: datetime, limit: int) -> Sequence[Row[Any]]:
    """Exports of anybody that have had their time: id, owner and where the file lies."""
    wanted = select(Export.id, Export.owner_id, Export.bucket, Export.key).where(Export.due_at < at - KEPT)
    rows: Result[Any] = await db.execute(wanted.order_by(Export.due_at).limit(limit))
    return rows.all()


async def remove(db: AsyncSession, ids: Sequence[UUID]) -> None:
    await db.execute(delete(Export).where(Export.id.in_(ids)))
