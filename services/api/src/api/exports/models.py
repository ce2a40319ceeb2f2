"""The table of exports."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now

KEPT = timedelta(days=30)
"""For so long the file of an export lies ready, and the version that it is of stays."""


class Export(Base):
    """A version of a resume as a file, made at `run_at` if there is one. `bucket` and `key` say where it lies once its job
    has succeeded; what else is known of the file is in the job's result."""

    __tablename__ = "exports"
    __table_args__ = (Index("ix_exports_owner_id_id", "owner_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id"), unique=True)
    format: Mapped[str] = mapped_column(String(16))
    template: Mapped[str] = mapped_column(String(64))
    template_version: Mapped[int]
    options: Mapped[dict[str, Any]]
    standard: Mapped[str | None] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(255))
    notify: Mapped[bool]
    bucket: Mapped[str | None] = mapped_column(String(63))
    key: Mapped[str | None] = mapped_column(String(1024))
    run_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @hybrid_property
    def due_at(self) -> datetime:
        """When it is to be made."""
        return self.run_at or self.created_at

    @due_at.inplace.expression
    @classmethod
    def _due_at(cls) -> ColumnElement[datetime]:
        return func.coalesce(cls.run_at, cls.created_at)

    @property
    def expires_at(self) -> datetime:
        return self.due_at + KEPT
