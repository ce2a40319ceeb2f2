"""What goes out of the health route."""

from datetime import datetime
from typing import Literal

from common.schemas import Schema


class ServiceHealth(Schema):
    """How one service is: `missing` names what it lacks and how that failed; `latencyMs` is null if it was silent."""

    name: str
    status: Literal["ready", "unready", "unreachable"]
    missing: dict[str, str]
    latency_ms: float | None


class PlatformHealth(Schema):
    """`ok` if every service is ready."""

    status: Literal["ok", "degraded"]
    checked_at: datetime
    services: list[ServiceHealth]
