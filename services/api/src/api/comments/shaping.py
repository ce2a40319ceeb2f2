"""Threads as they go out, to their owner and through a link."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import anchors, queries, suggesting
from api.comments.models import Comment
from api.comments.schemas import (
    Author,
    Change,
    CommentRead,
    PartSummary,
    ReplyRead,
    SuggestionRead,
    SuggestionState,
    Summary,
    ThreadRead,
)
from api.comments.views import View
from api.comments.writers import Writer

_NOTHING = Raw(b"null")


async def threads(db: AsyncSession, roots: Sequence[Comment], view: View, asking: Writer) -> list[ThreadRead]:
    """Some threads as whoever asks sees them."""
    replies: defaultdict[UUID | None, list[Comment]] = defaultdict(list)
    for found in await queries.replies(db, [root.id for root in roots]):
        replies[found.parent_id].append(found)
    return [ThreadRead(**_thread(root, replies[root.id], view, asking)) for root in roots]


async def owned(db: AsyncSession, roots: Sequence[Comment], view: View, asking: Writer) -> list[CommentRead]:
    """Some threads as the owner of the resume sees them."""
    found = await threads(db, roots, view, asking)
    return [
        CommentRead(
            **{name: getattr(read, name) for name in ThreadRead.__struct_fields__},
            resume_id=root.resume_id,
            share_id=root.share_id,
        )
        for root, read in zip(roots, found, strict=True)
    ]


def reply(comment: Comment, asking: Writer) -> ReplyRead:
    return ReplyRead(**_said(comment, asking))


def summary(roots: Iterable[Comment], view: View) -> Summary:
    """How many of the open threads `roots` there are on each part."""
    parts: dict[tuple[str, UUID | None], list[Comment]] = defaultdict(list)
    for root in roots:
        parts[root.target, root.item_id or root.section_id].append(root)
    read = [_part(found, view) for found in parts.values()]
    return Summary(
        comments=sum(part.comments for part in read),
        suggestions=sum(part.suggestions for part in read),
        parts=read,
    )


def _part(comments: list[Comment], view: View) -> PartSummary:
    about = anchors.shape(comments[0], view)
    return PartSummary(
        target=about.target,
        section_id=about.section_id,
        item_id=about.item_id,
        is_orphaned=about.is_orphaned,
        comments=len(comments),
        suggestions=sum(comment.suggestion_state == "open" for comment in comments),
    )


def _thread(root: Comment, replies: Sequence[Comment], view: View, asking: Writer) -> dict[str, Any]:
    return _said(root, asking) | {
        "anchor": anchors.shape(root, view),
        "state": "open" if root.resolved_at is None else "resolved",
        "suggestion": _suggestion(root, view),
        "replies": [reply(found, asking) for found in replies],
    }


def _said(comment: Comment, asking: Writer) -> dict[str, Any]:
    author = Author(
        kind="owner" if comment.author == "owner" else "reviewer",
        name=comment.author_name,
        is_you=asking.wrote(comment),
    )
    same = ("id", "text", "version", "created_at", "edited_at")
    return {name: getattr(comment, name) for name in same} | {
        "author": author,
        "is_deleted": comment.deleted_at is not None,
    }


def _suggestion(comment: Comment, view: View) -> SuggestionRead | None:
    if comment.suggestion is None:
        return None
    suggestion = suggesting.read(comment.suggestion)
    state: SuggestionState = comment.suggestion_state  # type: ignore[assignment]
    if state == "open" and suggesting.is_outdated(suggestion, view.entry(comment.item_id)):
        state = "outdated"
    return SuggestionRead(
        state=state, changes=[_change(edit) for edit in suggestion.edits], reason=comment.reason
    )


def _change(edit: suggesting.Edit) -> Change:
    return Change(
        path=edit.path,
        base=_NOTHING if edit.base is None else Raw(edit.base.encode()),
        is_new=edit.base is None,
        replacement=Raw(edit.replacement.encode()),
    )
