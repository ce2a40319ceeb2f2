"""The tables of what a resume says: its sections and their items."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.library.models import LibraryItem
from common.db import Base
from common.ids import new_id

RANK = String(255).with_variant(String(255, collation="C"), "postgresql")
"""Fractional indexes sort by their bytes, in every locale."""


class Section(Base):
    """One list of the document.

    `name` is its member in the document (`work`, `education`, … or the writer's own), `kind` says what its items are
    like: two sections may be of one kind. `title` is what it is headed with, if not with the usual words for its kind.
    `columns` (1 to 4) is how many of its items stand beside each other. `version` rises with every change of the row.
    """

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("resume_id", "name", name="uq_sections_resume_id_kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    title: Mapped[str | None] = mapped_column(String(200))
    rank: Mapped[str] = mapped_column(RANK)
    visible: Mapped[bool] = mapped_column(default=True)
    columns: Mapped[int] = mapped_column(default=1)
    page_break_before: Mapped[bool] = mapped_column(default=False)
    keep_together: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    counterpart_id: Mapped[UUID | None]


class Item(Base):
    """One entry of a section; `data` is JSON text of any value, as the writer gave it.

    `kind` is that of its section. Of an item that is a use of a library item, `library_base` is what that said, in its
    `library_version`, when this use last agreed with it: fields of `data` that differ from it are the use's own wording.
    Items of a family that are one in several languages share their `counterpart_id`; `translated_from` is the SHA-256
    of what the primary resume's item said when this one last followed it.
    """

    __tablename__ = "items"
    __table_args__ = (
        Index("ix_items_resume_id_rank", "resume_id", "rank"),
        Index("ix_items_section_id_rank", "section_id", "rank"),
        Index("ix_items_library_item_id", "library_item_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    section_id: Mapped[UUID] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    rank: Mapped[str] = mapped_column(RANK)
    visible: Mapped[bool] = mapped_column(default=True)
    data: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    library_item_id: Mapped[UUID | None] = mapped_column(ForeignKey(LibraryItem.id, ondelete="SET NULL"))
    library_version: Mapped[int | None]
    library_base: Mapped[str | None] = mapped_column(Text)
    counterpart_id: Mapped[UUID | None]
    translated_from: Mapped[str | None] = mapped_column(String(64))
