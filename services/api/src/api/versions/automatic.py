"""Versions that nobody asked for: what a resume said before somebody went on writing."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes.models import Resume
from api.versions import service
from common.ids import now

PAUSE = timedelta(minutes=10)
"""Without an edit for so long, the next one begins something new."""
LONGEST = timedelta(minutes=30)
"""Of steady writing, a version is kept at least so often."""


async def before_change(db: AsyncSession, resume: Resume) -> None:
    """Called before the content of `resume`, held for a change, changes: keeps what it said if that had stood."""
    at = now()
    stood = at - resume.updated_at >= PAUSE
    since = resume.frozen_at or resume.created_at
    if resume.members and (stood or at - since >= LONGEST) and since < resume.updated_at:
        await service.freeze(db, resume, reason="automatic")
