"""The transactional outbox: what has to leave the service is a row in the transaction that made it true.

`emit` puts a message for JetStream, `call` a request to another service, into the session; the relay (`common.relay`)
sends them after the commit, in order within their lane, until it has been told that they arrived.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from common import context
from common.db import EMITTED, Base, insert_last
from common.ids import new_id, now

NATS_LANE = "nats"
KV_LANE = "kv"
"""Puts into KV buckets go by themselves: a revocation must not wait behind jobs that a full stream refuses."""


class OutboxRow(Base):
    """A message on its way out. The row goes when it has arrived; `failed_at` parks one that was refused for good."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_lane_id", "lane", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(String(64), unique=True)
    lane: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255))
    headers: Mapped[dict[str, Any]]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    failed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


def emit(
    db: AsyncSession | Session,
    subject: str,
    message: Any,
    *,
    message_id: str | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    """Publish `message` (a Struct, or bytes as they are) to a stream's `subject` once this transaction commits.

    `message_id` becomes `Nats-Msg-Id`, by which JetStream knows a message that comes again; no two rows may share one.
    """
    payload = message if isinstance(message, bytes) else msgspec.json.encode(message)
    _add(
        db,
        KV_LANE if subject.startswith("$KV.") else NATS_LANE,
        subject,
        payload,
        message_id or new_id().hex,
        headers or {},
    )


def call(db: AsyncSession, service: str, method: str, path: str, body: Any) -> None:
    """Send `method path` with `body` as JSON to another service once this transaction commits, until it is a 2xx.

    The other side must be idempotent: an answer can be lost on its way back.
    """
    _add(db, f"http:{service}", f"{method} {path}", msgspec.json.encode(body), new_id().hex, {})


def _add(
    db: AsyncSession | Session,
    lane: str,
    subject: str,
    payload: bytes,
    message_id: str,
    headers: dict[str, str],
) -> None:
    row = OutboxRow(
        message_id=message_id,
        lane=lane,
        subject=subject,
        headers=context.outgoing_headers() | headers,
        payload=payload,
    )
    if isinstance(db, AsyncSession) and not db.in_nested_transaction():
        insert_last(db, row)
    else:  # it may be the commit that emits, too late for that; or a part that is undone by itself
        db.add(row)
    db.info.setdefault(EMITTED, set()).add(lane)
