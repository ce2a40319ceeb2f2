"""Webhooks over HTTP: for their owners, on the platform's own front ends, and for the processor, which carries.

No API key and no other app makes a webhook: it would go on to tell after they were revoked.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.webhooks import outcomes, queries, service
from api.webhooks.schemas import (
    DeliveryRead,
    WebhookCreate,
    WebhookCreated,
    WebhookRead,
    WebhookSecret,
    WebhookUpdate,
)
from common import pagination
from common.auth import authenticated, client, internal
from common.contracts.webhooks import DeliveryAttempt, DeliveryVerdict, SignedDelivery
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import Limit, limited
from common.schemas import JSONBody, Page, read


@post(
    "/",
    summary="Make a webhook",
    description="What happens is told to its address by POST, signed as Standard Webhooks has it "
    "(https://www.standardwebhooks.com): an object with `id`, `type`, `timestamp` and `data`. An answer other than 2xx "
    "is followed by another attempt, for a day; 410 ends the webhook.",
    responses={201: ResponseSpec(WebhookCreated, description="With its secret, this once")},
)
async def create_webhook(
    request: Request[Any, Any, Any], db: Db, state: State, user: CurrentUser, data: JSONBody[WebhookCreate]
) -> Response[bytes]:
    secret: str | None = None

    async def create() -> WebhookRead:
        nonlocal secret
        webhook, secret = await service.create(
            db, state.webhook_secrets, owner_id=user.id, data=data, is_strict=_is_strict(state)
        )
        return read(WebhookRead, webhook)

    # The secret is put in afterwards: answers are kept for those who ask again, and it must not lie there.
    response = await once(db, request, create, status=201)
    made = msgspec.json.decode(response.content, type=WebhookRead)
    response.content = msgspec.json.encode(WebhookCreated(**msgspec.structs.asdict(made), secret=secret))
    response.headers["Location"] = f"/api/v1/webhooks/{made.id}"
    return response


@get("/", summary="List the own webhooks, newest first")
async def list_webhooks(
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[WebhookRead]:
    after = pagination.after(cursor)
    rows = await queries.newest(read_db, owner_id=user.id, after=after, limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return Page(items=[read(WebhookRead, webhook) for webhook in found], next_cursor=following)


@get("/{webhook_id:uuid}", summary="Read a webhook")
async def get_webhook(read_db: ReadDb, user: CurrentUser, webhook_id: FromPath[UUID]) -> WebhookRead:
    return read(WebhookRead, await service.get(read_db, webhook_id, owner_id=user.id))


@patch("/{webhook_id:uuid}", summary="Change a webhook, stop it, or let it begin anew")
async def update_webhook(
    db: Db, state: State, user: CurrentUser, webhook_id: FromPath[UUID], data: JSONBody[WebhookUpdate]
) -> WebhookRead:
    is_strict = _is_strict(state)
    webhook = await service.update(db, webhook_id, owner_id=user.id, data=data, is_strict=is_strict)
    return read(WebhookRead, webhook)


@delete("/{webhook_id:uuid}", summary="Delete a webhook and what is known of its deliveries")
async def delete_webhook(db: Db, user: CurrentUser, webhook_id: FromPath[UUID]) -> None:
    await service.delete(db, webhook_id, owner_id=user.id)


@post(
    "/{webhook_id:uuid}/secret",
    summary="Give a webhook another secret",
    description="The one before signs too for 24 hours: `webhook-signature` has both signatures until then.",
)
async def rotate_webhook_secret(
    db: Db, state: State, user: CurrentUser, webhook_id: FromPath[UUID]
) -> WebhookSecret:
    return await service.rotate(db, state.webhook_secrets, webhook_id, owner_id=user.id)


@post(
    "/{webhook_id:uuid}/test",
    status_code=202,
    opt={"limit": Limit(30, 3600)},
    summary="Send a webhook something to test it",
    description="An event `webhook.test`. What came of it is among the deliveries.",
)
async def test_webhook(db: Db, user: CurrentUser, webhook_id: FromPath[UUID]) -> DeliveryRead:
    return read(DeliveryRead, await service.test(db, webhook_id, owner_id=user.id))


@get("/{webhook_id:uuid}/deliveries", summary="List what was delivered to a webhook, newest first")
async def list_deliveries(
    read_db: ReadDb,
    user: CurrentUser,
    webhook_id: FromPath[UUID],
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[DeliveryRead]:
    webhook = await service.get(read_db, webhook_id, owner_id=user.id)
    after = pagination.after(cursor)
    rows = await queries.newest_deliveries(read_db, webhook.id, after=after, limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return Page(items=[read(DeliveryRead, each) for each in found], next_cursor=following)


@get("/{delivery_id:uuid}", summary="Sign the next attempt at a delivery")
async def sign_delivery(read_db: ReadDb, state: State, delivery_id: FromPath[UUID]) -> SignedDelivery:
    return await outcomes.sign(read_db, state.webhook_secrets, delivery_id)


@post("/{delivery_id:uuid}/attempts", status_code=200, summary="Note what came of an attempt")
async def note_attempt(
    db: Db, state: State, delivery_id: FromPath[UUID], data: JSONBody[DeliveryAttempt]
) -> DeliveryVerdict:
    return await outcomes.note(db, delivery_id, data, home=f"{state.settings.issuer}/")


def _is_strict(state: State) -> bool:
    return bool(state.settings.environment == "production")


router = Router(
    "/api/v1/webhooks",
    middleware=[authenticated, limited],
    route_handlers=[
        create_webhook,
        list_webhooks,
        get_webhook,
        update_webhook,
        delete_webhook,
        rotate_webhook_secret,
        test_webhook,
        list_deliveries,
    ],
    tags=["Webhooks"],
    security=[{"bearer": []}],
)
internal_router = Router(
    "/internal/webhook-deliveries",
    middleware=[internal],
    guards=[client("processor")],
    route_handlers=[sign_delivery, note_attempt],
    tags=["Internal"],
    security=[{"bearer": []}],
)
