"""The table of e-mail verifications."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from sso.one_time import OneTime


class EmailVerification(OneTime, Base):
    """A link that was mailed to `email_key`."""

    __tablename__ = "email_verifications"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email_key: Mapped[str] = mapped_column(String(254))
