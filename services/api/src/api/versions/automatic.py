"""Versions that nobody asked for: what a resume said before somebody went on writing, or threw something away."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.snapshots import Snapshot
from api.resumes.models import Resume
from api.versions import service
from common.ids import now

PAUSE = timedelta(minutes=10)
"""Without an edit for so long, the next one begins something new."""
LONGEST = timedelta(minutes=30)
"""Of steady writing, a version is kept at least so often."""


async def before_change(db: AsyncSession, resume: Resume) -> None:
    """Called before the content of `resume`, held for a change, changes: keeps what it said if that had stood.

    As long as no version is due this reads nothing but the row at hand.
    """
    at = now()
    kept_at = resume.frozen_at or resume.created_at
    if kept_at > resume.updated_at:
        resume.frozen_at = at  # all that it says is in a version: the writing that is not in one begins here
    elif at - resume.updated_at >= PAUSE or at - kept_at >= LONGEST:
        await keep(db, resume)


async def before_loss(db: AsyncSession, resume: Resume, *, before: Snapshot, after: Snapshot) -> None:
    """Called before `after` takes the place of `before` in `resume`: keeps that if an entry or the basics go."""
    if _parts(before) - _parts(after) or (before.basics is not None and after.basics is None):
        await keep(db, resume)


async def keep(db: AsyncSession, resume: Resume) -> None:
    """Keep what `resume` (held for a change) says now, unless it says nothing or what its newest version says."""
    if resume.members:
        await service.freeze_if_new(db, resume, reason="automatic")


def _parts(snapshot: Snapshot) -> set[UUID]:
    return {item.id for section in snapshot.sections for item in section.items}
