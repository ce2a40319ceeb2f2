"""The catalogue of templates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class Template(Base):
    """One version of a template, as the processor published it. Older ones stay: resumes name a version.

    `kinds` are the kinds of documents that it is for; `previews` the keys of pictures of its pages in `resume-static`.
    `owner_id` is whose alone it is, null for everybody's. What is retired is offered no more; who has it keeps it.
    What is not `available` needs something that is not installed where it would be rendered.
    """

    __tablename__ = "templates"
    __table_args__ = (PrimaryKeyConstraint("id", "version"),)

    id: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    engine: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    page_sizes: Mapped[list[str]]
    options: Mapped[dict[str, Any]]
    kinds: Mapped[list[str]] = mapped_column(default=lambda: ["resume"])
    previews: Mapped[list[str]] = mapped_column(default=list)
    available: Mapped[bool] = mapped_column(default=True)
    owner_id: Mapped[UUID | None]
    retired_at: Mapped[datetime | None]
    published_at: Mapped[datetime] = mapped_column(default=now)
