"""The catalogue of templates."""

from datetime import datetime
from typing import Any

from sqlalchemy import PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class Template(Base):
    """One version of a template, as the processor published it. Older ones stay: resumes name a version.

    `kinds` are the kinds of documents that it is for; `previews` the keys of pictures of its pages in `resume-static`.
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
    published_at: Mapped[datetime] = mapped_column(default=now)
