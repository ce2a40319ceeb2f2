"""Every statement on comments. Those of an owner name them; those of visitors name the link."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.comments.models import Comment, Notice, Reviewer
from api.resumes.models import Resume

_Root = aliased(Comment)


def _of(owner_id: UUID) -> Select[Comment]:
    return (
        select(Comment)
        .join(Resume, Resume.id == Comment.resume_id)
        .where(Resume.owner_id == owner_id, Resume.deleted_at.is_(None))
    )


async def find(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, hold: bool = False) -> Comment | None:
    """A comment; with `hold` as it is now, and stays until this transaction ends."""
    wanted = _of(owner_id).where(Comment.id == comment_id, Comment.deleted_at.is_(None))
    return await db.scalar(_held(wanted) if hold else wanted)


async def kept(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, hold: bool = False) -> Comment | None:
    """A comment, also one that its author took back while there were replies."""
    wanted = _of(owner_id).where(Comment.id == comment_id)
    return await db.scalar(_held(wanted) if hold else wanted)


async def through(
    db: AsyncSession, comment_id: UUID, *, share_id: UUID, hold: bool = False, taken_back_too: bool = False
) -> Comment | None:
    """A comment that came through a link; `taken_back_too`: also one that its author took back while there were
    replies."""
    wanted = select(Comment).where(Comment.id == comment_id, Comment.share_id == share_id)
    if not taken_back_too:
        wanted = wanted.where(Comment.deleted_at.is_(None))
    return await db.scalar(_held(wanted) if hold else wanted)


def _held(wanted: Select[Comment]) -> Select[Comment]:
    """Whoever holds the resume too takes that first."""
    return wanted.with_for_update(of=Comment).execution_options(populate_existing=True)


async def root_of(db: AsyncSession, comment: Comment, *, hold: bool = False) -> Comment | None:
    """The comment that a thread begins with; None if it was deleted a moment ago."""
    if comment.parent_id is None and not hold:
        return comment
    wanted = select(Comment).where(Comment.id == (comment.parent_id or comment.id))
    return await db.scalar(_held(wanted) if hold else wanted)


async def replies(db: AsyncSession, parent_ids: Sequence[UUID]) -> Sequence[Comment]:
    """All replies to some threads, oldest first."""
    if not parent_ids:
        return ()
    rows = await db.scalars(select(Comment).where(Comment.parent_id.in_(parent_ids)).order_by(Comment.id))
    return rows.all()


async def count(db: AsyncSession, resume_id: UUID) -> int:
    return await db.scalar(select(func.count()).where(Comment.resume_id == resume_id)) or 0


async def count_replies(db: AsyncSession, parent_id: UUID) -> int:
    return await db.scalar(select(func.count()).where(Comment.parent_id == parent_id)) or 0


async def count_open(db: AsyncSession, share_id: UUID) -> int:
    """How many comments and replies came through a link that are not in a thread that is resolved."""
    wanted = (
        select(func.count())
        .select_from(Comment)
        .outerjoin(_Root, _Root.id == Comment.parent_id)
        .where(
            Comment.share_id == share_id,
            Comment.resolved_at.is_(None),
            _Root.resolved_at.is_(None),
        )
    )
    return await db.scalar(wanted) or 0


async def hold_resume(db: AsyncSession, resume_id: UUID) -> Resume | None:
    """The resume that a link shows, so that comments on it are counted one after the other."""
    wanted = select(Resume).where(Resume.id == resume_id, Resume.deleted_at.is_(None))
    return await db.scalar(wanted.with_for_update())


async def reviewer(
    db: AsyncSession, share_id: UUID, *, user_id: UUID | None = None, token_sha256: bytes | None = None
) -> Reviewer | None:
    """Whoever came through a link before, by their account or their token."""
    who = Reviewer.user_id == user_id if user_id else Reviewer.token_sha256 == token_sha256
    return await db.scalar(select(Reviewer).where(Reviewer.share_id == share_id, who))


async def forget_silent_reviewer(db: AsyncSession, reviewer_id: UUID) -> None:
    """Delete a reviewer of whom nothing is left."""
    says = select(Comment.id).where(Comment.reviewer_id == reviewer_id).exists()
    await db.execute(
        delete(Reviewer).where(Reviewer.id == reviewer_id, ~says).execution_options(synchronize_session=False)
    )


async def overdue_notices(db: AsyncSession, *, before: object, limit: int) -> Sequence[tuple[Notice, Resume]]:
    """Notices that wait, of owners who were last told before then, with the resumes they are about."""
    rows = await db.execute(
        select(Notice, Resume)
        .join(Resume, Resume.id == Notice.resume_id)
        .where(Notice.waiting_since.is_not(None), Notice.told_at <= before, Resume.deleted_at.is_(None))
        .order_by(Notice.waiting_since)
        .limit(limit)
        .with_for_update(of=Notice, skip_locked=True)
    )
    return [(notice, resume) for notice, resume in rows]
