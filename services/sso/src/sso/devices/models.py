"""The table of devices that ask to be signed in (RFC 8628)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from sso.one_time import OneTime

PENDING, APPROVED, DENIED = "pending", "approved", "denied"


class DeviceCode(OneTime, Base):
    """A device's request: `sha256` is of its device code, `user_code_hash` of what its owner types elsewhere.

    `state` is PENDING, APPROVED or DENIED; `session_id` the browser's session in which it was approved.
    """

    __tablename__ = "device_codes"

    user_code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default=PENDING)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    interval: Mapped[int] = mapped_column(default=5)
    last_polled_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
