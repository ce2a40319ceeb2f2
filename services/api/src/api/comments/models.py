"""The tables of what is said of resumes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class Reviewer(Base):
    """Somebody who comments through a link: an account (`user_id`), or whoever shows the token of this hash."""

    __tablename__ = "comment_reviewers"
    __table_args__ = (UniqueConstraint("share_id", "user_id", name="uq_comment_reviewers_share_id_user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    share_id: Mapped[UUID] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None]
    token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Comment(Base):
    """A comment on a part of a resume, or a reply to one (`parent_id`), which hangs where its thread does.

    The part is named by ids that are no references: a comment outlives it, and is about it again when it comes back.
    `target` is `resume`, `basics`, `section` or `item`; `path` a JSON Pointer (RFC 6901) into it. `share_id` is the
    link that it came through, null for what the owner says to themselves. `author` is `owner` or `reviewer`.

    `suggestion` is JSON text (`suggesting.Suggestion`), its state `open`, `accepted` or `rejected`. What others have
    replied to is not deleted but emptied (`deleted_at`).
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_resume_id_id", "resume_id", "id"),
        Index("ix_comments_share_id_id", "share_id", "id"),
        Index("ix_comments_parent_id_id", "parent_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    share_id: Mapped[UUID | None] = mapped_column(ForeignKey("shares.id", ondelete="SET NULL"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    reviewer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("comment_reviewers.id", ondelete="SET NULL"), index=True
    )
    author: Mapped[str] = mapped_column(String(10))
    author_name: Mapped[str | None] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(String(10))
    section_id: Mapped[UUID | None]
    item_id: Mapped[UUID | None]
    path: Mapped[str | None] = mapped_column(String(500))
    quote: Mapped[str | None] = mapped_column(String(1000))
    text: Mapped[str] = mapped_column(Text)
    suggestion: Mapped[str | None] = mapped_column(Text)
    suggestion_state: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(1000))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Notice(Base):
    """When the owner of a resume was last told of new comments, and since when others wait to be told of."""

    __tablename__ = "comment_notices"

    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"), primary_key=True)
    told_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None] = mapped_column(index=True)
