"""The table of links to sign in by."""

from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from sso.one_time import OneTime


class MagicLink(OneTime, Base):
    """A link that was mailed to the owner of an account; `continue_to` is where a browser goes on to."""

    __tablename__ = "magic_links"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    continue_to: Mapped[str | None] = mapped_column(Text)
