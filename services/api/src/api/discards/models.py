"""The table of objects that are to go."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class Discard(Base):
    """An object in the storage, or all under a `key` that ends in a slash, to be deleted once it is `due_at`."""

    __tablename__ = "discards"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    bucket: Mapped[str] = mapped_column(String(63))
    key: Mapped[str] = mapped_column(String(1024))
    due_at: Mapped[datetime] = mapped_column(default=now, index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
