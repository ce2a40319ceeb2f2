"""The table of authenticator apps (TOTP, RFC 6238)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class TotpSecret(Base):
    """The secret that an account shares with an app, encrypted. It counts once `confirmed_at` is set.

    `last_step` is the newest time step that was used: no code is good twice.
    """

    __tablename__ = "totp_secrets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
