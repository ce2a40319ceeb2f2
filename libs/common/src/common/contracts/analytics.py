"""Analytics events: what happened on the platform, to be counted. No personal data; the admin service rolls them up."""

from datetime import datetime
from uuid import UUID

import msgspec


class AnalyticsEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that happened, on `analytics.{service}`. `name` is its security event's or the like: `user.registered`."""

    id: UUID
    at: datetime
    service: str
    name: str
    user_id: UUID | None = None
    properties: dict[str, str] = {}


def analytics_subject(service: str) -> str:
    return f"analytics.{service}"
