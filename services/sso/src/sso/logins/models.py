"""The table of attempts to sign in, by which they are counted and slowed down."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class LoginAttempt(Base):
    """One attempt. `account_sha256` is of the e-mail's key: it tells attempts on one name, known or not, together."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index(None, "account_sha256", "at"), Index(None, "ip", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    account_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    ip: Mapped[str] = mapped_column(String(45))
    succeeded: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
