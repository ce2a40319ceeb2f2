"""The table of versions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class Version(Base):
    """An immutable snapshot: what the resume said (`content`) and how it was laid out (`layout`), both canonical JSON,
    how it was titled, in what language. `reason` is why it was made: `manual`, `automatic`, `export`, `share`,
    `restore`; those that nobody named and nothing needs are thinned out as they grow old.
    """

    __tablename__ = "versions"
    __table_args__ = (
        # The title and the language are rendered too: another title is another version of the same content.
        UniqueConstraint("resume_id", "sha256", "language", "title"),
        UniqueConstraint("resume_id", "number"),
        Index("ix_versions_resume_id_id", "resume_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    owner_id: Mapped[UUID]
    number: Mapped[int]
    name: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(35))
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16), default="manual")
    content: Mapped[str] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    layout: Mapped[str] = mapped_column(Text, default="{}", deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
