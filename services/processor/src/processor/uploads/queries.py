"""Every SELECT on uploaded templates."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from processor.uploads.models import Upload


def _of(owner_id: UUID | None) -> Select[Upload]:
    """Those that are one user's alone, or all. What somebody uploaded for everybody is not theirs."""
    wanted = select(Upload)
    if owner_id is None:
        return wanted
    # (an owner is always the uploader, by whom the index is)
    return wanted.where(Upload.uploaded_by == owner_id, Upload.owner_id == owner_id)


async def find(db: AsyncSession, upload_id: UUID, *, owner_id: UUID | None) -> Upload | None:
    return await db.scalar(_of(owner_id).where(Upload.id == upload_id))


async def newest(
    db: AsyncSession, *, owner_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[Upload]:
    wanted = _of(owner_id).order_by(Upload.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Upload.id < after)
    return (await db.scalars(wanted)).all()


async def count(db: AsyncSession, *, uploaded_by: UUID) -> int:
    return await db.scalar(select(func.count()).where(Upload.uploaded_by == uploaded_by)) or 0


async def version(db: AsyncSession, template_id: str, version: int) -> Upload | None:
    return await db.scalar(select(Upload).where(Upload.template_id == template_id, Upload.version == version))


async def with_archive(db: AsyncSession, upload_id: UUID) -> Upload | None:
    return await db.scalar(select(Upload).where(Upload.id == upload_id).options(undefer(Upload.archive)))


async def unchecked(db: AsyncSession, *, before: datetime) -> Sequence[Upload]:
    """Those that came before that moment and are being checked."""
    wanted = select(Upload).where(Upload.state == "checking", Upload.created_at < before)
    return (await db.scalars(wanted)).all()


async def any_of(db: AsyncSession, template_id: str) -> Upload | None:
    """Some version of the template."""
    return await db.scalar(select(Upload).where(Upload.template_id == template_id).limit(1))


async def usable(db: AsyncSession, template_id: str, version: int | None, *, user_id: UUID) -> Upload | None:
    """A version that is everybody's or the user's, also a retired one; the newest that is offered if none is named."""
    wanted = select(Upload).where(
        Upload.template_id == template_id, or_(Upload.owner_id.is_(None), Upload.owner_id == user_id)
    )
    if version is None:
        wanted = wanted.where(Upload.state == "published")
    else:
        wanted = wanted.where(Upload.version == version, Upload.state.in_(["published", "retired"]))
    return await db.scalar(wanted.order_by(Upload.version.desc()).limit(1))
