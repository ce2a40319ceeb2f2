"""What the owner decides about a suggestion: to take it over, as an edit like any other, or not."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import service, suggesting
from api.comments.models import Comment
from api.comments.suggesting import Suggestion, SuggestionOutdated
from api.contents import codec
from api.contents.cache import ContentCache
from api.resumes import service as resumes
from api.resumes import updates
from api.resumes.models import Resume
from api.resumes.schemas import ResumeUpdate
from api.sections import items
from api.sections import queries as sections
from common.ids import now
from common.problems import Problem


class NoSuggestion(Problem):
    status, code, title = 409, "NO_SUGGESTION", "The comment suggests no edit"


class SuggestionDecided(Problem):
    status, code, title = 409, "SUGGESTION_DECIDED", "It was decided otherwise already"


async def accept(
    db: AsyncSession, cache: ContentCache, comment_id: UUID, *, owner_id: UUID, force: bool
) -> Comment:
    """Make the edit that is suggested; what was accepted already is not made again.

    Raises CommentNotFound, NoSuggestion, SuggestionDecided, ResumeLocked, SuggestionOutdated unless `force`, and what
    the edit of an item, or of the basics, does.
    """
    comment, resume = await _held(db, comment_id, owner_id=owner_id)
    if comment.suggestion_state != "accepted":
        suggestion = _open(comment)
        entry = await _entry(db, resume, comment)
        if not force:
            suggesting.require_current(suggestion, entry)
        await _apply(db, cache, comment, suggestion, entry, owner_id=owner_id)
        await _decide(db, comment, "accepted")
    return comment


async def reject(db: AsyncSession, comment_id: UUID, *, owner_id: UUID, reason: str | None) -> Comment:
    """Raises CommentNotFound, NoSuggestion, SuggestionDecided."""
    comment, _ = await _held(db, comment_id, owner_id=owner_id)
    if comment.suggestion_state != "rejected":
        _open(comment)
        comment.reason = reason.strip() or None if reason else None
        await _decide(db, comment, "rejected")
    return comment


async def _held(db: AsyncSession, comment_id: UUID, *, owner_id: UUID) -> tuple[Comment, Resume]:
    """A comment, and its resume, which nobody else decides about until this transaction ends."""
    found = await service.get(db, comment_id, owner_id=owner_id)
    resume = await resumes.hold(db, found.resume_id, owner_id=owner_id)
    comment = await service.get(db, comment_id, owner_id=owner_id, hold=True)
    if comment.suggestion is None:
        raise NoSuggestion
    return comment, resume


def _open(comment: Comment) -> Suggestion:
    if comment.suggestion_state != "open" or comment.suggestion is None:
        raise SuggestionDecided(f"It was {comment.suggestion_state}.")
    return suggesting.read(comment.suggestion)


async def _entry(db: AsyncSession, resume: Resume, comment: Comment) -> Any:
    """What the item, or the basics, say now. Raises SuggestionOutdated if it is gone."""
    if comment.item_id is None:
        return {} if resume.basics is None else codec.decode(resume.basics)
    item = await sections.item(db, resume.id, comment.item_id)
    if item is None:
        raise SuggestionOutdated("The item is not there any more.")
    return codec.decode(item.data)


async def _apply(
    db: AsyncSession,
    cache: ContentCache,
    comment: Comment,
    suggestion: Suggestion,
    entry: Any,
    *,
    owner_id: UUID,
) -> None:
    resume_id = comment.resume_id
    if comment.item_id is not None:
        wanted = suggesting.item_update(suggestion, entry)
        await items.update(
            db, cache, resume_id, comment.item_id, owner_id=owner_id, data=wanted, if_match=None
        )
        return
    basics = suggesting.applied(suggestion, entry)
    await updates.update(
        db, cache, resume_id, owner_id=owner_id, data=ResumeUpdate(basics=basics), if_match=None
    )


async def _decide(db: AsyncSession, comment: Comment, state: str) -> None:
    """With a decision the thread is resolved."""
    comment.suggestion_state = state
    comment.resolved_at = comment.resolved_at or now()
    comment.version += 1
    await db.flush()
