"""The tables of sessions and of the refresh tokens that keep them going."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.db import Base
from common.ids import new_id, now
from common.tokens import PLATFORM_SCOPE

PLATFORM_CLIENT = "resumax"
"""The client of the sessions that people get by signing in with us, on our pages or by `/auth/login`."""
MFA = "mfa"
"""Of the methods in `amr` (RFC 8176) the one that says: more than one factor."""


class Session(Base):
    """One sign-in on one device, at one client; also the family of its refresh tokens. Over at `expires_at`.

    Apps that somebody signs in to through us have a session of their own each, with its scope, whose `parent_id` is
    the browser's: it ends with it, unless the app was given offline access (`is_offline`). `authenticated_at` and
    `amr` tell when and how its owner was authenticated. A member of staff who acts for the owner is `impersonator_id`.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(index=True)
    client_id: Mapped[str] = mapped_column(String(64), default=PLATFORM_CLIENT)
    scope: Mapped[str] = mapped_column(Text, default=PLATFORM_SCOPE)
    is_offline: Mapped[bool] = mapped_column(default=False)
    amr: Mapped[list[str]]
    authenticated_at: Mapped[datetime] = mapped_column(default=now)
    impersonator_id: Mapped[UUID | None] = mapped_column(index=True)
    ip: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_active_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(32))

    @property
    def acr(self) -> str:
        return MULTI_FACTOR if MFA in self.amr else SINGLE_FACTOR


class RefreshToken(Base):
    """A refresh token by its SHA-256. `used_at` and `successor_salt` are set, once, when it is rotated."""

    __tablename__ = "refresh_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    successor_salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
