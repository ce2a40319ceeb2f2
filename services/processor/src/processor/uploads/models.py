"""The table of uploaded templates."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from common.db import Base
from common.ids import new_id, now

State = Literal["checking", "published", "refused", "retired"]


class Upload(Base):
    """A version of a template that somebody uploaded. `owner_id` is whose alone it is, null for one that is everybody's.

    `archive` is the ZIP as it came at `created_at`, `report` what the check found (`processor.uploads.schemas.Report`).
    """

    __tablename__ = "template_uploads"
    __table_args__ = (
        UniqueConstraint("template_id", "version"),
        Index("ix_template_uploads_uploaded_by_id", "uploaded_by", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    template_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    owner_id: Mapped[UUID | None]
    uploaded_by: Mapped[UUID]
    state: Mapped[State] = mapped_column(String(16), default="checking")
    name: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    archive: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    job_id: Mapped[UUID]
    report: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
