"""The table of generations."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class Generation(Base):
    """What belongs to `scope` (an owner, or the catalogue) as it is since its last change: answers are cached under it.

    A `token` never comes again, so that a restored backup brings no answer of a time that never was.
    """

    __tablename__ = "generations"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
