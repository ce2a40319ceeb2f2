"""The table of resumes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class Resume(Base):
    """A resume without its lists, which are `sections` and `items`.

    `basics` and `extra` are JSON text: what the document has under `basics` (absent: NULL), and its other members that
    are not sections. `members` names all members in the order of the document. `version` rises with every change.
    """

    __tablename__ = "resumes"
    __table_args__ = (Index("ix_resumes_owner_id_id", "owner_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(35))
    template: Mapped[str] = mapped_column(String(64))
    template_version: Mapped[int]
    settings: Mapped[dict[str, Any]]
    basics: Mapped[str | None] = mapped_column(Text)
    extra: Mapped[str] = mapped_column(Text, default="{}")
    members: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
