"""Threads as they go out, to their owner and through a link."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Raw

from api.comments import anchors, suggesting
from api.comments.list_queries import Part
from api.comments.listing import Listed
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


Entries = dict[UUID | None, Any]
"""What items say now, by their ids, and the basics: read once however many suggest edits of them."""


def threads(listed: Listed, view: View, asking: Writer) -> list[ThreadRead]:
    """Some threads as whoever asks sees them. Not for the event loop where there may be many."""
    entries = Entries()
    return [ThreadRead(**_thread(root, listed, view, entries, asking)) for root in listed.roots]


def owned(listed: Listed, view: View, asking: Writer) -> list[CommentRead]:
    """Some threads as the owner of the resume sees them. Not for the event loop where there may be many."""
    found = threads(listed, view, asking)
    return [
        CommentRead(
            **{name: getattr(read, name) for name in ThreadRead.__struct_fields__},
            resume_id=root.resume_id,
            share_id=root.share_id,
        )
        for root, read in zip(listed.roots, found, strict=True)
    ]


def reply(comment: Comment, asking: Writer) -> ReplyRead:
    return ReplyRead(**_said(comment, asking))


def summary(parts: Iterable[Part], view: View) -> Summary:
    """How many open threads there are on each part."""
    read = [_part(found, view) for found in parts]
    return Summary(
        comments=sum(part.comments for part in read),
        suggestions=sum(part.suggestions for part in read),
        parts=read,
    )


def _part(part: Part, view: View) -> PartSummary:
    about = anchors.shape(Comment(target=part.target, section_id=part.section_id, item_id=part.item_id), view)
    return PartSummary(
        target=about.target,
        section_id=about.section_id,
        item_id=about.item_id,
        is_orphaned=about.is_orphaned,
        comments=part.comments,
        suggestions=part.suggestions,
    )


def _thread(root: Comment, listed: Listed, view: View, entries: Entries, asking: Writer) -> dict[str, Any]:
    return _said(root, asking) | {
        "anchor": anchors.shape(root, view),
        "state": "open" if root.resolved_at is None else "resolved",
        "suggestion": _suggestion(root, view, entries),
        "replies": [reply(found, asking) for found in listed.replies.get(root.id, ())],
        "earlier_replies": listed.earlier.get(root.id, 0),
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


def _suggestion(comment: Comment, view: View, entries: Entries) -> SuggestionRead | None:
    if comment.suggestion is None:
        return None
    if comment.item_id not in entries:
        entries[comment.item_id] = view.entry(comment.item_id)
    suggestion = suggesting.read(comment.suggestion)
    state: SuggestionState = comment.suggestion_state  # type: ignore[assignment]
    if state == "open" and suggesting.is_outdated(suggestion, entries[comment.item_id]):
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
