"""The tables of sign-ins at other providers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now
from sso.one_time import OneTime


class Identity(Base):
    """Somebody at another provider, by issuer and subject and never by e-mail (SECURITY 20)."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]


class OAuthState(OneTime, Base):
    """A sign-in that is under way at another provider, bound to the browser that began it.

    `link_user_id` is the signed-in owner, where the identity is to be linked to their account.
    """

    __tablename__ = "oauth_states"

    provider: Mapped[str] = mapped_column(String(64))
    browser_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    continue_to: Mapped[str] = mapped_column(Text)
    link_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
