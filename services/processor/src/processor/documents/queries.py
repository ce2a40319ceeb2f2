"""Statements on what has been rendered, and on the jobs that files are of."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Row, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from processor.documents.models import RENDERED, RenderedDocument
from processor.jobs.models import JobStatus

_WITHOUT_FILE = ("failed", "cancelled")


# Built once, for every export takes them.
_KNOWN = select(RENDERED).where(RENDERED.c.address == bindparam("address"))


def _in_place(insert: sqlite.Insert | postgresql.Insert) -> Insert:
    anew = {column.name: column for column in insert.excluded if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=["address"], set_=anew)


_REMEMBER = {
    "sqlite": _in_place(sqlite.insert(RENDERED)),
    "postgresql": _in_place(postgresql.insert(RENDERED)),
}


async def known(db: AsyncSession, address: str) -> Row[Any] | None:
    """What was rendered for a content address: a row of `RenderedDocument`."""
    return (await db.execute(_KNOWN, {"address": address})).one_or_none()


async def remember(db: AsyncSession, **values: Any) -> None:
    """Note what was rendered, in place of what was deleted since; `values` are the columns of `RenderedDocument`."""
    await db.execute(_REMEMBER[db.get_bind().dialect.name], values)


async def drop(db: AsyncSession, address: str, key: str) -> None:
    """Forget a document whose object is gone, unless it has been rendered anew since."""
    await db.execute(delete(RENDERED).where(RENDERED.c.address == address, RENDERED.c.key == key))


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
