"""The tables of what a resume says: its sections and their items."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id

RANK = String(255).with_variant(String(255, collation="C"), "postgresql")
"""Fractional indexes sort by their bytes, in every locale."""


class Section(Base):
    """One list of the document: `kind` is its member's name (`work`, `education`, … or the writer's own)."""

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("resume_id", "kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    title: Mapped[str | None] = mapped_column(String(200))
    rank: Mapped[str] = mapped_column(RANK)
    visible: Mapped[bool] = mapped_column(default=True)


class Item(Base):
    """One entry of a section; `data` is JSON text of any value, as the writer gave it."""

    __tablename__ = "items"
    __table_args__ = (
        Index("ix_items_resume_id_rank", "resume_id", "rank"),
        Index("ix_items_section_id_rank", "section_id", "rank"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    section_id: Mapped[UUID] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    rank: Mapped[str] = mapped_column(RANK)
    visible: Mapped[bool] = mapped_column(default=True)
    data: Mapped[str] = mapped_column(Text)
