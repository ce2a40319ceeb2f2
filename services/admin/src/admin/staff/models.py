"""The table of staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class AdminUser(Base):
    """Somebody of staff who has been here. The SSO decides who is; this is what we have seen of it."""

    __tablename__ = "admin_users"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    roles: Mapped[list[str]]
    last_session_id: Mapped[str] = mapped_column(String(64))
    first_seen_at: Mapped[datetime] = mapped_column(default=now)
    last_signed_in_at: Mapped[datetime] = mapped_column(default=now)
