"""Webhooks: the api keeps the endpoints, what is to be delivered and the secrets; the processor only carries.

So nothing of a delivery but its id lies in a queue: the processor asks for each attempt, signed at that moment, and says
what came of it.
"""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from common.schemas import NO_NULLS


class WebhookJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Deliver something to a webhook, until it is taken or given up."""

    KIND: ClassVar[str] = "webhook"

    delivery_id: UUID


class SignedDelivery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `GET /internal/webhook-deliveries/{id}`: an attempt, to be made at once. `number` counts from 1."""

    number: int
    url: str
    headers: dict[str, str]
    body: str


class DeliveryAttempt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `POST /internal/webhook-deliveries/{id}/attempts`: what came of an attempt. `status` is that of the
    answer; without one, `error` says why there was none. Reported twice, it counts once."""

    number: Annotated[int, Meta(ge=1)]
    at: datetime
    milliseconds: Annotated[int, Meta(ge=0)]
    status: Annotated[int, Meta(ge=100, le=999)] | None = None
    error: Annotated[str, Meta(max_length=80, pattern=NO_NULLS)] = ""


class DeliveryVerdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Its answer: the seconds until the next attempt, or none if there is to be none, and whether it was taken."""

    is_delivered: bool
    retry_after: float | None = None
