"""The owner learns of new comments by mail: at once of the first, of those that follow at most once an hour."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import queries
from api.comments.models import Notice
from api.resumes.models import Resume
from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import now
from common.jobs import enqueue

EVERY = timedelta(hours=1)
_AT_ONCE = 200


class Notices:
    """`home` is the address that the mail leads to."""

    def __init__(self, home: str) -> None:
        self._home = home

    async def added(self, db: AsyncSession, resume: Resume) -> None:
        """Somebody said something of `resume`, which is held: tell its owner, now or later."""
        at = now()
        notice = await db.get(Notice, resume.id)
        if notice is None:
            notice = Notice(resume_id=resume.id)
            db.add(notice)
        if notice.told_at is None or notice.told_at <= at - EVERY:
            self._tell(db, notice, resume, at=at)
        elif notice.waiting_since is None:
            notice.waiting_since = at

    async def overdue(self, database: Database, *, at: datetime) -> int:
        """Tell of what has waited for an hour (a step of the upkeep); how many owners were told."""
        count, told = 0, _AT_ONCE
        while told >= _AT_ONCE:
            async with database.write() as db:
                found = await queries.overdue_notices(db, before=at - EVERY, limit=_AT_ONCE)
                for notice, resume in found:
                    self._tell(db, notice, resume, at=at)
            told = len(found)
            count += told
        return count

    def _tell(self, db: AsyncSession, notice: Notice, resume: Resume, *, at: datetime) -> None:
        notice.told_at, notice.waiting_since = at, None
        mail = EmailJob(template="comments", data={"title": resume.title, "link": self._home})
        enqueue(db, mail, kind=EmailJob.KIND, user_id=resume.owner_id, priority="bulk")
