"""Statements on lists of comments: first how much each of them says, then those for which there is room."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments.models import Comment

State = Literal["open", "resolved"]
_CHARACTERS = sum(
    (
        func.coalesce(func.length(said), 0)
        for said in (Comment.suggestion, Comment.quote, Comment.path, Comment.reason)
    ),
    start=func.length(Comment.text),
)


class Weighed(msgspec.Struct, frozen=True):
    """A comment, and the characters of all that it says."""

    id: UUID
    characters: int


class WeighedReply(Weighed, frozen=True):
    """`replies`: how many there are in its thread."""

    parent_id: UUID
    replies: int


class Part(msgspec.Struct, frozen=True):
    """How many open threads there are on a part, and how many of them suggest an edit."""

    target: str
    section_id: UUID | None
    item_id: UUID | None
    comments: int
    suggestions: int


def of_resume(
    resume_id: UUID, *, state: State | None = None, item_id: UUID | None = None
) -> Select[UUID, int]:
    """The threads of a resume that was found with its owner."""
    wanted = _all().where(Comment.resume_id == resume_id, Comment.parent_id.is_(None))
    if state is not None:
        is_open = Comment.resolved_at.is_(None)
        wanted = wanted.where(is_open if state == "open" else ~is_open)
    return wanted if item_id is None else wanted.where(Comment.item_id == item_id)


def of_share(share_id: UUID) -> Select[UUID, int]:
    """The threads that came through a link."""
    return _all().where(Comment.share_id == share_id, Comment.parent_id.is_(None))


def replies_to(root_id: UUID) -> Select[UUID, int]:
    """The replies to a comment that was found with its owner or its link."""
    return _all().where(Comment.parent_id == root_id)


def _all() -> Select[UUID, int]:
    return select(Comment.id, _CHARACTERS.label("characters"))


async def newest(
    db: AsyncSession, wanted: Select[UUID, int], *, after: UUID | None, limit: int
) -> list[Weighed]:
    """The newest `limit` of those that are older than `after`."""
    if after is not None:
        wanted = wanted.where(Comment.id < after)
    rows = await db.execute(wanted.order_by(Comment.id.desc()).limit(limit))
    return [Weighed(id, characters) for id, characters in rows]


async def newest_replies(db: AsyncSession, roots: Sequence[UUID], *, each: int) -> list[WeighedReply]:
    """The newest replies of each of some threads, oldest first."""
    if not roots:
        return []
    ranked = (
        select(
            Comment.id,
            func.row_number().over(partition_by=Comment.parent_id, order_by=Comment.id.desc()).label("rank"),
            func.count().over(partition_by=Comment.parent_id).label("replies"),
        )
        .where(Comment.parent_id.in_(roots))
        .subquery()
    )
    rows = await db.execute(
        select(Comment.id, _CHARACTERS, Comment.parent_id, ranked.c.replies)
        .join(ranked, ranked.c.id == Comment.id)
        .where(ranked.c.rank <= each)
        .order_by(Comment.id)
    )
    return [WeighedReply(*row) for row in rows]


async def load(db: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Comment]:
    """Comments by their ids, whole."""
    if not ids:
        return {}
    rows = await db.scalars(select(Comment).where(Comment.id.in_(ids)))
    return {comment.id: comment for comment in rows}


async def open_parts(db: AsyncSession, resume_id: UUID) -> list[Part]:
    """The parts of a resume with open threads, those with the newest first."""
    about = (Comment.target, Comment.section_id, Comment.item_id)
    suggests = func.sum(case((Comment.suggestion_state == "open", 1), else_=0))
    rows: Sequence[Row[str, UUID | None, UUID | None, int, int]] = (
        await db.execute(
            select(*about, func.count(), suggests)
            .where(Comment.resume_id == resume_id, Comment.parent_id.is_(None), Comment.resolved_at.is_(None))
            .group_by(*about)
            .order_by(func.max(Comment.created_at).desc(), *about)
        )
    ).all()
    return [Part(*row) for row in rows]
