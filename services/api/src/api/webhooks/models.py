"""The tables of webhooks: where their owners are told, and what was, or is to be, delivered there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class Webhook(Base):
    """An endpoint of its owner. Secrets are sealed (`secrets`); the previous one signs too until `previous_until`.

    `failing_since` is when deliveries began to fail, if none succeeded since; `disabled_for` is why the platform, and not
    its owner, made it inactive.
    """

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_owner_id_id", "owner_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    url: Mapped[str] = mapped_column(String(2048))
    description: Mapped[str] = mapped_column(String(200))
    events: Mapped[list[str]]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    disabled_for: Mapped[str | None] = mapped_column(String(16))
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Base):
    """Something to be told to one webhook. `body` is what is sent, byte by byte, in every attempt; `status`, `error` and
    `milliseconds` are those of the last one."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(80), default="")
    milliseconds: Mapped[int | None]
    attempted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
