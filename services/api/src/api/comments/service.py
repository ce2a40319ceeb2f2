"""The rules of comments: who may say what of which part, and how much."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import anchors, queries, suggesting
from api.comments.models import Comment
from api.comments.schemas import CommentCreate
from api.comments.views import View
from api.comments.writers import Writer
from api.resumes.models import Resume
from common import etags
from common.ids import new_id, now
from common.problems import FieldError, Forbidden, NotFound, Problem

MOST_OF_RESUME, MOST_OF_LINK, MOST_REPLIES = 5000, 500, 100
"""All of a resume; those of one link that are open; replies to one comment."""


class CommentNotFound(NotFound):
    title = "Comment not found"


class NotTheAuthor(Forbidden):
    code, title = "NOT_THE_AUTHOR", "Somebody else wrote this"


class NothingSaid(Problem):
    status, code, title = 422, "VALIDATION_FAILED", "The comment says nothing"


class TooManyComments(Problem):
    status, code, title = 422, "TOO_MANY_COMMENTS", "There are as many comments as there may be"


class ThreadResolved(Problem):
    status, code, title = 409, "COMMENT_RESOLVED", "This has been resolved"


async def get(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, hold: bool = False) -> Comment:
    """A comment; with `hold` as it is now, and stays until this transaction ends."""
    return _there(await queries.find(db, comment_id, owner_id=owner_id, hold=hold))


async def kept(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, hold: bool = False) -> Comment:
    """A comment, also one that its author took back while there were replies."""
    return _there(await queries.kept(db, comment_id, owner_id=owner_id, hold=hold))


async def thread(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, hold: bool = False) -> Comment:
    """The comment that a thread begins with, given any of it."""
    return await root_of(db, await kept(db, comment_id, owner_id=owner_id), hold=hold)


async def root_of(db: AsyncSession, comment: Comment, *, hold: bool = False) -> Comment:
    return _there(await queries.root_of(db, comment, hold=hold))


def _there(comment: Comment | None) -> Comment:
    if comment is None:
        raise CommentNotFound
    return comment


async def to_delete(db: AsyncSession, comment_id: UUID, *, owner_id: UUID) -> Comment:
    """A comment to which nobody replies until this transaction ends: replies hold the resume too."""
    found = await kept(db, comment_id, owner_id=owner_id)
    await queries.hold_resume(db, found.resume_id)
    return await kept(db, comment_id, owner_id=owner_id, hold=True)


async def create(
    db: AsyncSession, resume: Resume, view: View, writer: Writer, data: CommentCreate
) -> Comment:
    """A comment on a part that its author sees in `view`, of a resume that is held.

    Raises AnchorNotFound, what `suggesting.make` does, NothingSaid, TooManyComments.
    """
    anchor = data.anchor
    entry = anchors.entry_of(view, anchor)
    suggestion = suggesting.make(data.suggestion, anchor, entry) if data.suggestion else None
    await _require_room(db, resume, writer)
    comment = Comment(
        target=anchor.target,
        section_id=anchor.section_id,
        item_id=anchor.item_id,
        path=anchor.path,
        quote=anchor.quote,
        suggestion=suggesting.stored(suggestion) if suggestion else None,
        suggestion_state="open" if suggestion else None,
        text=said(data.text, may_be_empty=suggestion is not None),
    )
    return await _add(db, resume, writer, comment)


async def reply(db: AsyncSession, resume: Resume, root: Comment, writer: Writer, text: str) -> Comment:
    """A reply to the comment that a thread begins with, which is held after its resume. Raises NothingSaid, ThreadResolved, TooManyComments."""
    if root.resolved_at is not None and not writer.is_owner:
        raise ThreadResolved("Its owner can open it again.")
    await _require_room(db, resume, writer)
    if await queries.count_replies(db, root.id) >= MOST_REPLIES:
        raise TooManyComments(f"At most {MOST_REPLIES} replies.")
    same = ("target", "section_id", "item_id")
    comment = Comment(text=said(text), parent_id=root.id, **{name: getattr(root, name) for name in same})
    comment.share_id = root.share_id
    return await _add(db, resume, writer, comment)


async def edit(
    db: AsyncSession, comment: Comment, writer: Writer, text: str, *, if_match: str | None
) -> None:
    """Change the words of a comment that is held, or two would write for one version of it.

    Raises NotTheAuthor, VersionConflict, NothingSaid.
    """
    if not writer.wrote(comment):
        raise NotTheAuthor
    etags.require(if_match, comment.version)
    text = said(text, may_be_empty=comment.suggestion is not None)
    if text != comment.text:
        comment.text, comment.edited_at = text, now()
        comment.version += 1
        await db.flush()


async def delete(db: AsyncSession, comment: Comment, writer: Writer) -> None:
    """Take a comment back, with the replies to it; if others wrote some, empty it. The owner of the resume deletes
    whatever they like. The resume and the comment are held, so that no reply comes in between. Raises NotTheAuthor."""
    if not writer.is_owner and not writer.wrote(comment):
        raise NotTheAuthor
    replies = await queries.replies(db, [comment.id])
    if writer.is_owner or all(writer.wrote(found) for found in replies):
        gone = {found.reviewer_id for found in (comment, *replies) if found.reviewer_id is not None}
        await db.delete(comment)
        await db.flush()
        for reviewer_id in gone:
            await queries.forget_silent_reviewer(db, reviewer_id)
        return
    comment.text, comment.author_name, comment.quote, comment.suggestion = "", None, None, None
    comment.suggestion_state, comment.deleted_at = None, now()
    comment.version += 1


async def resolve(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, resolved: bool) -> Comment:
    """Resolve the thread of a comment, or open it again; the same again changes nothing."""
    root = await thread(db, comment_id, owner_id=owner_id, hold=True)
    if resolved != (root.resolved_at is not None):
        root.resolved_at = now() if resolved else None
        root.version += 1
        await db.flush()
    return root


def said(text: str, *, may_be_empty: bool = False) -> str:
    """`text` with line breaks as they are here, and nothing around it. Raises NothingSaid."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not plain and not may_be_empty:
        raise NothingSaid("Say something.", errors=[FieldError("$.text", "Say something.")])
    return plain


async def _require_room(db: AsyncSession, resume: Resume, writer: Writer) -> None:
    if await queries.count(db, resume.id) >= MOST_OF_RESUME:
        raise TooManyComments(f"At most {MOST_OF_RESUME:,} on one resume.")
    link = None if writer.is_owner else writer.share_id
    if link is not None and await queries.count_open(db, link) >= MOST_OF_LINK:
        raise TooManyComments(f"At most {MOST_OF_LINK} through one link may be open.")


async def _add(db: AsyncSession, resume: Resume, writer: Writer, comment: Comment) -> Comment:
    comment.id = new_id()
    comment.resume_id = resume.id
    comment.share_id = comment.share_id or writer.share_id
    comment.author, comment.author_name = writer.kind, writer.name
    comment.reviewer_id = writer.reviewer_id
    db.add(comment)
    await db.flush()
    return comment
