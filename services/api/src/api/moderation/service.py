"""What staff may see of people's resumes, and take down. That they did is recorded by the admin service, who asked."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents.cache import ContentCache
from api.moderation import queries
from api.resumes import service as resumes
from api.resumes.models import Resume
from common.contracts.resumes import ResumeRecord, ResumeTakedown
from common.ids import now


async def read(db: AsyncSession, resume_id: UUID) -> bytes:
    """A resume with what visitors see of it (`ResumeContent`). Raises ResumeNotFound."""
    found = await queries.find(db, resume_id)
    if found is None:
        raise resumes.ResumeNotFound
    resume, links = found
    shown = (await writing.read(db, resume)).visible()
    known = msgspec.to_builtins(shape(resume, links))
    return msgspec.json.encode(known | {"content": msgspec.Raw(codec.plain(shown))})


async def change(db: AsyncSession, cache: ContentCache, resume_id: UUID, *, data: ResumeTakedown) -> None:
    """Take a resume down, or put it back; the same again changes nothing. Raises ResumeNotFound.

    Copies that are made of it from here on, also in other languages, are taken down with it. What its owner takes out
    of the platform, such as an archive, and brings in again cannot be followed: it is a new resume, to be reported anew.
    """
    resume = await queries.hold(db, resume_id)
    if resume is None:
        raise resumes.ResumeNotFound
    reason = data.reason if data.is_taken_down else None
    if (resume.taken_down_at is not None, resume.taken_down_for) != (data.is_taken_down, reason):
        resume.taken_down_at = now() if data.is_taken_down else None
        resume.taken_down_for = reason
        resumes.touch(db, cache, resume)


def shape(resume: Resume, links: int) -> ResumeRecord:
    same = [name for name in ResumeRecord.__struct_fields__ if name != "links"]
    return ResumeRecord(**{name: getattr(resume, name) for name in same}, links=links)
