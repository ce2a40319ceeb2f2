"""The table of the item library."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class LibraryItem(Base):
    """One fact that several resumes may use: a job, a degree, a skill. `data` is JSON text as in an item.

    `words` is what it is found by: its name and the texts in its data, folded. `version` rises with every change.
    """

    __tablename__ = "library_items"
    __table_args__ = (Index("ix_library_items_owner_id_id", "owner_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(String(200))
    data: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text, default="", deferred=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
