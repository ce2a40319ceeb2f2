"""The trash: where deleted resumes stay for a while, and how they leave it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.cache import ContentCache
from api.discards import service as discards
from api.families import membership as families
from api.responses.scopes import mark
from api.resumes import queries, service
from api.resumes.models import Resume
from api.resumes.service import ResumeNotFound
from common import etags
from common.ids import now
from common.problems import Problem

KEPT_FOR = timedelta(days=30)
AT_ONCE = 50
"""Resumes that one call of `purge` deletes."""


class ResumeNotInTrash(Problem):
    status, code, title = 409, "RESUME_NOT_IN_TRASH", "The resume is not in the trash"


async def put(
    db: AsyncSession, cache: ContentCache, resume_id: UUID, *, owner_id: UUID, if_match: str | None
) -> None:
    """Move a resume to the trash. Raises what `resumes.to_change` does."""
    resume = await service.to_change(db, resume_id, owner_id=owner_id, if_match=if_match)
    resume.deleted_at = now()
    await families.trashed(db, resume)
    service.touch(db, cache, resume)


async def restore(db: AsyncSession, cache: ContentCache, resume_id: UUID, *, owner_id: UUID) -> Resume:
    """Take a resume out of the trash. Raises ResumeNotFound if it is not there, or too old."""
    resume = await queries.hold_any(db, resume_id, owner_id=owner_id)
    if resume is None or resume.deleted_at is None or resume.deleted_at <= now() - KEPT_FOR:
        raise ResumeNotFound
    resume.deleted_at = None
    await families.restored(db, cache, resume)
    service.touch(db, cache, resume)
    return resume


async def remove(db: AsyncSession, resume_id: UUID, *, owner_id: UUID, if_match: str | None) -> None:
    """Delete a resume that is in the trash for good, with all that hangs on it.

    Raises ResumeNotFound, ResumeNotInTrash, VersionConflict.
    """
    resume = await queries.hold_any(db, resume_id, owner_id=owner_id)
    if resume is None:
        raise ResumeNotFound
    etags.require(if_match, resume.version)
    if resume.deleted_at is None:
        raise ResumeNotInTrash("Only what is in the trash can be deleted for good: delete it first.")
    await _remove(db, [resume.id])
    mark(db, owner_id)


async def purge(db: AsyncSession, before: datetime) -> int:
    """Delete for good some resumes that have been in the trash since `before`; how many, 0 when none is left."""
    rows = await queries.trashed_before(db, before, AT_ONCE)
    await _remove(db, [row.id for row in rows])
    for row in rows:
        mark(db, row.owner_id)
    return len(rows)


async def _remove(db: AsyncSession, ids: Sequence[UUID]) -> None:
    """Delete resumes, and note their exported files to be deleted."""
    for file in await queries.files(db, ids):
        discards.discard(db, file.bucket, file.key)
    await db.flush()
    of_families = await families.of(db, ids)
    await queries.remove(db, ids)
    await families.purged(db, of_families)
