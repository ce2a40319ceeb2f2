"""The tables of passkeys (WebAuthn Level 3)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now
from sso.one_time import OneTime


class Passkey(Base):
    """A credential's public half. `sign_count` is the authenticator's counter, 0 where it keeps none.

    One that seems to have been copied is disabled at `disabled_at`. It stays a second factor of its account, which
    would otherwise be open to its password alone.
    """

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str]]
    aaguid: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(100))
    is_backup_eligible: Mapped[bool] = mapped_column(default=False)
    is_backed_up: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class PasskeyChallenge(OneTime, Base):
    """A challenge that a browser was given, for one `purpose`; bound to a user where one is known."""

    __tablename__ = "passkey_challenges"

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16))
