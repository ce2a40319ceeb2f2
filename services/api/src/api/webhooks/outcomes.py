"""What follows from an attempt at a delivery: the end of it, another one later, or the end of the webhook."""

import random
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.webhooks import queries
from api.webhooks.models import Delivery, Webhook
from api.webhooks.signing import WebhookSecrets
from common.contracts.jobs import EmailJob
from common.contracts.webhooks import DeliveryAttempt, DeliveryVerdict, SignedDelivery
from common.ids import now
from common.jobs import enqueue
from common.problems import NotFound

RETRIES = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18_000.0, 28_800.0, 28_800.0)
"""Seconds after each attempt that failed until the next one: a day in all, in which an endpoint can be mended."""
PATIENCE = timedelta(days=3)
"""How long nothing may have been delivered when a delivery is given up, before the webhook is."""
_GONE = 410


class DeliveryNotFound(NotFound):
    code, title = "DELIVERY_NOT_FOUND", "There is nothing to deliver"


async def sign(db: AsyncSession, keys: WebhookSecrets, delivery_id: UUID) -> SignedDelivery:
    """The next attempt. Raises DeliveryNotFound if there is to be none: it is over, or the webhook is."""
    found = await queries.delivery(db, delivery_id)
    if found is None or found[0].state != "pending" or not found[1].is_active:
        raise DeliveryNotFound
    delivery, webhook = found
    return SignedDelivery(
        number=delivery.attempts + 1,
        url=webhook.url,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "resuMAX-Webhooks/1",
            **keys.headers(webhook, delivery, at=now()),
        },
        body=delivery.body,
    )


async def note(
    db: AsyncSession, delivery_id: UUID, attempt: DeliveryAttempt, *, home: str
) -> DeliveryVerdict:
    """Take over what came of an attempt; mails about it lead to `home`. Raises DeliveryNotFound if the webhook is gone."""
    found = await queries.delivery_for_update(db, delivery_id)
    if found is None:
        raise DeliveryNotFound
    delivery, webhook = found
    if delivery.state == "pending" and attempt.number == delivery.attempts + 1:
        delivery.attempts = attempt.number
        delivery.status, delivery.error = attempt.status, attempt.error
        delivery.milliseconds, delivery.attempted_at = attempt.milliseconds, attempt.at
        await _judge(db, delivery, webhook, home=home)
    return DeliveryVerdict(
        is_delivered=delivery.state == "succeeded",
        retry_after=_wait(delivery.attempts) if delivery.state == "pending" else None,
    )


async def _judge(db: AsyncSession, delivery: Delivery, webhook: Webhook, *, home: str) -> None:
    at = now()
    if delivery.status is not None and 200 <= delivery.status < 300:
        delivery.state, webhook.failing_since = "succeeded", None
        return
    webhook.failing_since = webhook.failing_since or at
    if delivery.status == _GONE:
        delivery.state = "failed"
        await _disable(db, webhook, "gone", at=at, home=home)
    elif delivery.attempts > len(RETRIES):
        delivery.state = "failed"
        if webhook.failing_since <= at - PATIENCE:
            await _disable(db, webhook, "failing", at=at, home=home)


async def _disable(db: AsyncSession, webhook: Webhook, why: str, *, at: datetime, home: str) -> None:
    """Tell the webhook nothing more until its owner, who is mailed, says so; what waits for it is given up."""
    if webhook.is_active:
        webhook.is_active, webhook.disabled_for, webhook.updated_at = False, why, at
        # The host alone: the rest of the address may be a secret of its own.
        data = {"title": urlsplit(webhook.url).hostname or "", "reason": why, "link": home}
        mail = EmailJob(template="webhook-disabled", data=data)
        enqueue(db, mail, kind=EmailJob.KIND, user_id=webhook.owner_id, priority="bulk")
    await db.flush()
    await queries.abandon(db, webhook.id)


def _wait(attempts: int) -> float:
    """With some jitter, so that what failed together does not come again together."""
    return RETRIES[attempts - 1] * random.uniform(0.9, 1.1)  # noqa: S311 (jitter, not a secret)
