"""Webhooks as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Event = Literal["export.succeeded", "export.failed"]
EVENTS: tuple[Event, ...] = get_args(Event)
TEST = "webhook.test"
DeliveryState = Literal["pending", "succeeded", "failed"]

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        pattern=r"^[!-~]+$(?!\n)",
        description="Where to: https, on the public internet, on port 443, 8443, 80 or 8080.",
        examples=["https://hooks.example.org/resumax"],
    ),
]
Description = Annotated[
    str, Meta(max_length=200, pattern=NO_CONTROL_CHARACTERS, examples=["Our careers site"])
]
Events = Annotated[
    list[Event],
    Meta(min_length=1, max_length=20, description="What to tell", examples=[["export.succeeded"]]),
]


class WebhookCreate(Command, frozen=True, kw_only=True):
    """All events there are, unless some are named."""

    url: Url
    events: Events = field(default_factory=lambda: list(EVENTS))
    description: Description = ""


class WebhookUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays. An inactive webhook is told nothing, also later; `isActive: true` begins anew."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class WebhookRead(Schema):
    """`disabledFor` says why the platform made it inactive: `gone` (its endpoint said so, by 410), or `failing` (nothing
    could be delivered for days, which began at `failingSince`)."""

    id: UUID
    url: str
    events: list[str]
    description: str
    is_active: bool
    disabled_for: str | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


class WebhookCreated(WebhookRead, kw_only=True):
    """`secret` is what deliveries are signed with (`whsec_…`). It is in this answer alone; null where an
    `Idempotency-Key` brings the answer again."""

    secret: str | None


class WebhookSecret(Schema):
    """A new secret, in this answer alone. Until `previousUntil` deliveries are signed with the one before, too."""

    secret: str
    previous_until: datetime


class DeliveryRead(Schema):
    """`status`, `error` and `milliseconds` are of the last attempt; what the endpoint answered is not kept."""

    id: UUID
    event: str
    state: DeliveryState
    attempts: int
    status: int | None
    error: str
    milliseconds: int | None
    attempted_at: datetime | None
    created_at: datetime
