"""The table of sign-ins that wait for their second factor."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from sso.one_time import OneTime


class LoginChallenge(OneTime, Base):
    """The first factor was right (`amr` says which one it was); `attempts` at the second are counted."""

    __tablename__ = "login_challenges"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    amr: Mapped[list[str]]
    attempts: Mapped[int] = mapped_column(default=0)
