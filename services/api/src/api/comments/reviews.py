"""Comments through a link: only on what it shows, only with those who came through it, as long as it works."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import anchors, queries, service, shaping
from api.comments.listing import Listed
from api.comments.models import Comment
from api.comments.notices import Notices
from api.comments.reading import Reviewed
from api.comments.schemas import CommentCreate, ThreadRead
from api.comments.service import CommentNotFound
from api.comments.writers import Writer
from api.resumes.models import Resume
from api.shares.access import ShareNotFound


def shown(listed: Listed, reviewed: Reviewed, asking: Writer) -> list[ThreadRead]:
    """Those of some threads that are about what the link shows."""
    seen = [root for root in listed.roots if anchors.is_there(root, reviewed.view)]
    return shaping.threads(msgspec.structs.replace(listed, roots=seen), reviewed.view, asking)


async def find(db: AsyncSession, reviewed: Reviewed, comment_id: UUID, *, hold: bool = False) -> Comment:
    """A comment; with `hold` as it is now, and stays until this transaction ends. Raises CommentNotFound."""
    comment = await queries.through(db, comment_id, share_id=reviewed.admitted.share_id, hold=hold)
    if comment is None or not anchors.is_there(await service.root_of(db, comment), reviewed.view):
        raise CommentNotFound
    return comment


async def thread(db: AsyncSession, reviewed: Reviewed, comment_id: UUID) -> Comment:
    """The comment that a thread begins with, given any of it, also one that was taken back. Raises CommentNotFound."""
    share_id = reviewed.admitted.share_id
    found = await queries.through(db, comment_id, share_id=share_id, taken_back_too=True)
    if found is not None:
        root = await service.root_of(db, found)
        if anchors.is_there(root, reviewed.view):
            return root
    raise CommentNotFound


async def root(db: AsyncSession, reviewed: Reviewed, comment_id: UUID) -> Comment:
    """The comment that a thread begins with, held, given any of it. Raises CommentNotFound."""
    return await service.root_of(db, await find(db, reviewed, comment_id), hold=True)


async def comment(
    db: AsyncSession,
    notices: Notices,
    resume: Resume,
    reviewed: Reviewed,
    writer: Writer,
    data: CommentCreate,
) -> Comment:
    """Raises what `service.create` does."""
    made = await service.create(db, resume, reviewed.view, writer, data)
    return await _noticed(db, notices, resume, made)


async def reply(
    db: AsyncSession, notices: Notices, resume: Resume, root: Comment, writer: Writer, text: str
) -> Comment:
    """Raises what `service.reply` does."""
    return await _noticed(db, notices, resume, await service.reply(db, resume, root, writer, text))


async def hold(db: AsyncSession, reviewed: Reviewed) -> Resume:
    """The resume. Comments on it are made and deleted one after the other, and so are those who make them: whoever
    writes is looked for after this. Raises ShareNotFound."""
    resume = await queries.hold_resume(db, reviewed.admitted.resume_id)
    if resume is None:
        raise ShareNotFound
    return resume


async def _noticed(db: AsyncSession, notices: Notices, resume: Resume, made: Comment) -> Comment:
    if made.author != "owner":
        await notices.added(db, resume)
    return made
