"""Statements on what has been rendered, and on the jobs that files are of."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from processor.documents.models import RenderedDocument
from processor.jobs.models import JobStatus

_WITHOUT_FILE = ("failed", "cancelled")


async def drop(db: AsyncSession, known: RenderedDocument) -> None:
    """Forget a document whose object is gone, unless it has been rendered anew since."""
    await db.execute(
        delete(RenderedDocument).where(
            RenderedDocument.address == known.address, RenderedDocument.key == known.key
        )
    )


async def forget(db: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Delete some of what was rendered before then; how many, 0 when none is left."""
    old = select(RenderedDocument.address).where(RenderedDocument.created_at < before).limit(limit)
    gone = await db.execute(
        delete(RenderedDocument)
        .where(RenderedDocument.address.in_(old))
        .returning(RenderedDocument.address)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


async def with_files(db: AsyncSession, job_ids: Collection[UUID]) -> set[UUID]:
    """Those of the jobs that have a file, or may yet."""
    wanted = select(JobStatus.job_id).where(
        JobStatus.job_id.in_(job_ids), JobStatus.state.not_in(_WITHOUT_FILE)
    )
    return set((await db.scalars(wanted)).all())
