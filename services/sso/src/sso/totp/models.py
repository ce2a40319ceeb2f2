"""The tables of authenticator apps (TOTP, RFC 6238)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class TotpSecret(Base):
    """The secret that an account shares with an app, sealed.

    `last_step` is the newest time step that was used: no code is good twice.
    """

    __tablename__ = "totp_secrets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int]
    confirmed_at: Mapped[datetime] = mapped_column(default=now)


class TotpSetup(Base):
    """A secret whose owner has not shown yet that their app has it. One that is in use stays so until then."""

    __tablename__ = "totp_setups"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
