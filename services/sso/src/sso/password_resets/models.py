"""The table of links to set a new password."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from sso.one_time import OneTime


class PasswordReset(OneTime, Base):
    """A link that was mailed to the owner of an account."""

    __tablename__ = "password_resets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
