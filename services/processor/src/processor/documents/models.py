"""What has been rendered already, by everything that decides what it looks like."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class RenderedDocument(Base):
    """`address` is the content address (`processor.documents.addresses`); the object may have been deleted since."""

    __tablename__ = "render_cache"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(63))
    key: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
