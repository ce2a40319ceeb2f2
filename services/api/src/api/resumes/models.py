"""The tables of resumes and their tags."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from api.search.folding import sort_key
from common.db import Base
from common.ids import new_id, now

ORDERS = ("updated_at", "created_at", "title_key")
"""The columns that lists of resumes are sorted by."""


def bytewise(length: int) -> String:
    """Text that sorts by its bytes, in every database and locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def _orders(name: str, which: str) -> list[Index]:
    """An index for each order that lists of an owner's resumes come in."""
    return [
        Index(
            f"ix_resumes_{name}_{column}",
            "owner_id",
            column,
            "id",
            sqlite_where=text(which),
            postgresql_where=text(which),
        )
        for column in ORDERS
    ]


class Resume(Base):
    """A resume, or another document of its owner (`kind`), without its lists, which are `sections` and `items`.

    `basics` and `extra` are JSON text: what the document has under `basics` (absent: NULL), and its other members that
    are not sections. `members` names all members in the order of the document. `version` rises with every change.
    `title_key` is what the title sorts by. `settings` are the template's options. Resumes of one family are variants of
    the primary one in other languages. `translated_from` is for its basics what an item's is for the item. `frozen_at` is
    when it was last made a version; `frozen_as` is one that says what the resume said at `frozen_version`.
    """

    __tablename__ = "resumes"
    __table_args__ = (
        Index("ix_resumes_owner_id_id", "owner_id", "id"),
        *_orders("live", "deleted_at IS NULL"),
        *_orders("trash", "deleted_at IS NOT NULL"),
        Index("ix_resumes_family_id", "family_id"),
        Index("ix_resumes_deleted_at", "deleted_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16), default="resume")
    title: Mapped[str] = mapped_column(String(200))
    title_key: Mapped[str] = mapped_column(bytewise(200))
    tags: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(35))
    direction: Mapped[str] = mapped_column(String(4), default="auto")
    template: Mapped[str] = mapped_column(String(64))
    template_version: Mapped[int]
    page_size: Mapped[str | None] = mapped_column(String(16))
    settings: Mapped[dict[str, Any]]
    basics: Mapped[str | None] = mapped_column(Text)
    extra: Mapped[str] = mapped_column(Text, default="{}")
    members: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1)
    family_id: Mapped[UUID | None]
    is_primary: Mapped[bool] = mapped_column(default=False)
    translated_from: Mapped[str | None] = mapped_column(String(64))
    locked_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    frozen_as: Mapped[UUID | None]
    frozen_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    taken_down_at: Mapped[datetime | None]
    taken_down_for: Mapped[str | None] = mapped_column(String(500))

    @validates("title")
    def _keep_title_key(self, _name: str, title: str) -> str:
        self.title_key = sort_key(title)
        return title


class Tag(Base):
    """One of the `tags` of a resume, for finding it. `owner_id` is that of the resume, so that a tag is found without
    it; `key` is the name without case, by which tags are compared.
    """

    __tablename__ = "tags"
    __table_args__ = (
        Index("ix_tags_owner_id_name", "owner_id", "name"),
        Index("ix_tags_owner_id_key", "owner_id", "key"),
        Index("ix_tags_resume_id_key", "resume_id", "key"),
    )

    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(bytewise(50), primary_key=True)
    key: Mapped[str] = mapped_column(bytewise(150))
    owner_id: Mapped[UUID]
