"""What goes in and out of the audit log's routes."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from common.schemas import Schema

Outcome = Literal["intended", "succeeded", "failed", "denied"]
"""`intended` stands before a change at another service, which one of the other three follows: if none does, the
change was cut off in the middle."""


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: what is None does not matter. From `since` up to, but not including, `until`."""

    actor: UUID | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditEntryRead(Schema):
    """One entry of the audit log."""

    id: int
    at: datetime
    actor_id: UUID
    action: str
    target: str | None
    reason: str | None
    outcome: Outcome
    detail: dict[str, Any]
    request_id: str
    previous_hash: str
    hash: str


class Break(Schema):
    """Where the chain breaks: the first entry that is not as it was written, and what is wrong with it."""

    id: int
    fault: str


class Verification(Schema):
    """Whether the log is as it was written. `head` is the hash of the last good entry: keep it to compare later."""

    valid: bool
    checked: int
    head: str
    broken: Break | None = None
