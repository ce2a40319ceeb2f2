"""What has been rendered already, by everything that decides what it looks like."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class RenderedDocument(Base):
    """`address` is the content address (`processor.documents.addresses`); the object may have been deleted since.

    `pages` is null for formats that have none; `warnings` are those that the document was rendered with.
    """

    __tablename__ = "render_cache"
    __table_args__ = (Index("ix_render_cache_created_at", "created_at"),)

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(63))
    key: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int | None]
    warnings: Mapped[list[Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)


RENDERED = cast("Table", RenderedDocument.__table__)
