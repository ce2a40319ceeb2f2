"""The table of accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now

ACTIVE, SUSPENDED = "active", "suspended"


class User(Base):
    """An account. `email` is as its owner wrote it; `email_key` (see `sso.users.emails`) is what makes it unique."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    email_verified_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(35))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16), default=ACTIVE)
    roles: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    last_login_at: Mapped[datetime | None]

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None
