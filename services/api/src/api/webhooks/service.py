"""The rules of webhooks: their owners make them, each for some events, and see what came of the deliveries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import Export
from api.webhooks import queries
from api.webhooks.models import Delivery, Webhook
from api.webhooks.schemas import TEST, Event, WebhookCreate, WebhookSecret, WebhookUpdate
from api.webhooks.signing import WebhookSecrets, new_secret
from common.contracts.jobs import JobEvent
from common.contracts.webhooks import WebhookJob
from common.ids import new_id, now
from common.jobs import enqueue
from common.outgoing import WEB_PORTS
from common.problems import FieldError, NotFound, Problem, ValidationFailed
from common.schemas import rfc3339

MOST = 10
BOTH_SIGN_FOR = timedelta(hours=24)
"""How long the secret before goes on to sign, so that receivers can change over."""
DELIVERIES_KEPT = timedelta(days=30)
_TELLING: dict[str, Event] = {"succeeded": "export.succeeded", "failed": "export.failed"}


class WebhookNotFound(NotFound):
    code, title = "WEBHOOK_NOT_FOUND", "Webhook not found"


class WebhookLimitReached(Problem):
    status, code, title = 409, "WEBHOOK_LIMIT_REACHED", f"An account has {MOST} webhooks at most"


class WebhookInactive(Problem):
    status, code, title = 409, "WEBHOOK_INACTIVE", "The webhook is not active"


async def create(
    db: AsyncSession, keys: WebhookSecrets, *, owner_id: UUID, data: WebhookCreate, is_strict: bool
) -> tuple[Webhook, str]:
    """A new webhook, and its secret. Raises WebhookLimitReached, ValidationFailed."""
    _check(data.url, is_strict=is_strict)
    await queries.hold(db, owner_id)
    if await queries.count(db, owner_id) >= MOST:
        raise WebhookLimitReached
    secret, webhook_id = new_secret(), new_id()
    webhook = Webhook(
        id=webhook_id,
        owner_id=owner_id,
        url=data.url,
        description=data.description,
        events=sorted(set(data.events)),
        secret=keys.seal(secret, webhook_id=webhook_id),
    )
    db.add(webhook)
    await db.flush()
    return webhook, secret


async def get(db: AsyncSession, webhook_id: UUID, *, owner_id: UUID) -> Webhook:
    webhook = await queries.find(db, webhook_id, owner_id=owner_id)
    if webhook is None:
        raise WebhookNotFound
    return webhook


async def update(
    db: AsyncSession, webhook_id: UUID, *, owner_id: UUID, data: WebhookUpdate, is_strict: bool
) -> Webhook:
    """Change what `data` holds. What waits for an inactive webhook is given up; an active one begins anew."""
    webhook = await get(db, webhook_id, owner_id=owner_id)
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    if "url" in given:
        _check(given["url"], is_strict=is_strict)
    if "events" in given:
        given["events"] = sorted(set(given["events"]))
    for name, value in given.items():
        setattr(webhook, name, value)
    if given.get("is_active"):
        webhook.disabled_for = webhook.failing_since = None
    elif "is_active" in given:
        await queries.abandon(db, webhook.id)
    webhook.updated_at = now()
    return webhook


async def delete(db: AsyncSession, webhook_id: UUID, *, owner_id: UUID) -> None:
    """With all its deliveries, those that wait included."""
    await db.delete(await get(db, webhook_id, owner_id=owner_id))


async def rotate(
    db: AsyncSession, keys: WebhookSecrets, webhook_id: UUID, *, owner_id: UUID
) -> WebhookSecret:
    webhook, secret = await get(db, webhook_id, owner_id=owner_id), new_secret()
    webhook.previous_secret, webhook.previous_until = webhook.secret, now() + BOTH_SIGN_FOR
    webhook.secret = keys.seal(secret, webhook_id=webhook.id)
    webhook.updated_at = now()
    return WebhookSecret(secret=secret, previous_until=webhook.previous_until)


async def test(db: AsyncSession, webhook_id: UUID, *, owner_id: UUID) -> Delivery:
    """Deliver something that means nothing. Raises WebhookInactive."""
    webhook = await get(db, webhook_id, owner_id=owner_id)
    if not webhook.is_active:
        raise WebhookInactive
    return await _tell(db, webhook, TEST, {"webhookId": str(webhook.id)})


async def tell_of_jobs(db: AsyncSession, events: Sequence[JobEvent]) -> None:
    """Tell webhooks of the exports of their owners whose jobs have ended by `events`, with this transaction."""
    told = [event for event in events if event.state in _TELLING]
    of_job: defaultdict[UUID, list[tuple[Webhook, Export]]] = defaultdict(list)
    for webhook, export in await queries.active_for(db, {event.job_id for event in told}) if told else ():
        of_job[export.job_id].append((webhook, export))
    for event in told:
        for webhook, export in of_job[event.job_id]:
            if (kind := _TELLING[event.state]) in webhook.events:
                await _tell(db, webhook, kind, _told(export, event))


def _told(export: Export, event: JobEvent) -> dict[str, str]:
    # No address of the file: whoever holds one has the file. The receiver asks for it with a key of its own.
    return {
        "exportId": str(export.id),
        "jobId": str(export.job_id),
        "resumeId": str(export.resume_id),
        "format": export.format,
        "status": event.state,
    }


async def _tell(db: AsyncSession, webhook: Webhook, event: str, data: dict[str, str]) -> Delivery:
    """A delivery, and the job that makes it."""
    delivery_id, at = new_id(), now()
    body = {"id": str(delivery_id), "type": event, "timestamp": rfc3339(at), "data": data}
    delivery = Delivery(
        id=delivery_id,
        webhook_id=webhook.id,
        event=event,
        body=msgspec.json.encode(body).decode(),
        created_at=at,
    )
    db.add(delivery)
    job = WebhookJob(delivery_id=delivery_id)
    enqueue(db, job, kind=WebhookJob.KIND, user_id=webhook.owner_id, job_id=delivery_id)
    await db.flush()
    return delivery


def _check(url: str, *, is_strict: bool) -> None:
    """What an address must look like; https, on a port of the web, if that `is_strict`. Whether it may be asked is found out
    with each attempt: names change."""
    if message := mistake(url, is_strict=is_strict):
        raise ValidationFailed(f"$.url: {message}", errors=[FieldError("$.url", message)])


def mistake(url: str, *, is_strict: bool) -> str:
    """What is wrong with an address, in a sentence; nothing if it will do."""
    try:
        address = urlsplit(url)
        port_is_none = address.port == 0
    except ValueError:
        return "Not a web address."
    schemes = {"https"} if is_strict else {"http", "https"}
    if address.scheme not in schemes or not address.hostname or port_is_none or "\\" in url:
        return f"Must begin with {' or '.join(sorted(f'{scheme}://' for scheme in schemes))} and a host."
    if is_strict and (address.port or 443) not in WEB_PORTS:
        return f"Must be on port {', '.join(map(str, sorted(WEB_PORTS)))}."
    if address.username is not None or address.password is not None or address.fragment:
        return "Must hold neither a user name nor a fragment."
    return ""
