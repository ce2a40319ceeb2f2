"""What is told to webhooks, how it is signed, and what follows from how it went."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import nats as nats_py
import pytest

from api.settings import Settings
from api.webhooks import queries
from api.webhooks.models import Delivery, Webhook
from api.webhooks.outcomes import PATIENCE, RETRIES
from common.contracts.jobs import EmailJob, Job, run_subject
from common.db import Database
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.processes import Nats

Owner = dict[str, str]
INTERNAL = "/internal/webhook-deliveries"


def verified(secret: str, signed: dict[str, Any]) -> bool:
    """As a receiver does it that knows the specification alone: any of the signatures is of this secret."""
    headers, key = signed["headers"], base64.b64decode(secret.removeprefix("whsec_"))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{signed['body']}".encode()
    wanted = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")


@pytest.fixture
def sign(client: httpx.AsyncClient, carrier: Owner) -> Any:
    async def ask(delivery_id: str) -> dict[str, Any]:
        answer = await client.get(f"{INTERNAL}/{delivery_id}", headers=carrier)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return ask


@pytest.fixture
def tested(client: httpx.AsyncClient, owner: Owner, make_webhook: Any) -> Any:
    """A new webhook and a test of it: the webhook, and the id of the delivery."""

    async def test() -> tuple[dict[str, Any], str]:
        made = await make_webhook()
        answer = await client.post(f"/api/v1/webhooks/{made['id']}/test", headers=owner)
        assert answer.status_code == 202, answer.text
        return made, str(answer.json()["id"])

    return test


@pytest.mark.parametrize("state", ["succeeded", "failed"])
async def test_webhooks_are_told_of_exports_that_ended(
    make_webhook: Any, make_export: Any, processor: Any, deliveries_of: Any, sign: Any, state: str
) -> None:
    told, other = await make_webhook(events=[f"export.{state}"]), await make_webhook()
    ended = "failed" if state == "succeeded" else "succeeded"
    silent = await make_webhook(events=[f"export.{ended}"])
    made = await make_export()
    if state == "succeeded":
        await processor.succeed(made["jobId"], 2)
    else:
        await processor.tell(made["jobId"], 2, "failed", error="It broke.")
    [delivery] = await eventually(lambda: deliveries_of(told["id"]))
    assert len(await deliveries_of(other["id"])) == 1
    assert await deliveries_of(silent["id"]) == []
    signed = await sign(delivery["id"])
    assert verified(told["secret"], signed)
    assert not verified(other["secret"], signed)
    body = json.loads(signed["body"])
    assert body["id"] == signed["headers"]["webhook-id"] == delivery["id"]
    assert body["type"] == f"export.{state}"
    assert body["data"].pop("resumeId")
    assert body["data"] == made | {"format": "pdf", "status": state}
    assert "http" not in signed["body"]  # no address of the file
    # The event again is no second telling.
    await processor.tell(made["jobId"], 2, state)
    await processor.tell(made["jobId"], 3, state)
    assert len(await deliveries_of(told["id"])) == 1


async def test_nobody_is_told_of_somebody_elses_exports(
    make_webhook: Any, processor: Any, deliveries_of: Any, client: httpx.AsyncClient, issuer: Any
) -> None:
    mine = await make_webhook()
    other = issuer.headers("api")
    resume = await client.post("/api/v1/resumes", json={"title": "Ada"}, headers=other)
    body = {"resumeId": resume.json()["id"], "format": "pdf"}
    export = (await client.post("/api/v1/exports", json=body, headers=other)).json()
    await processor.succeed(export["jobId"], 2)

    async def has_ended() -> bool:
        job = await client.get(f"/api/v1/jobs/{export['jobId']}", headers=other)
        return bool(job.json()["state"] == "succeeded")

    await eventually(has_ended)
    assert await deliveries_of(mine["id"]) == []


async def test_nothing_of_a_delivery_but_its_id_lies_in_the_queue(nats: Nats, tested: Any) -> None:
    webhook, delivery_id = await tested()
    connection = await nats_py.connect(nats.url)

    async def published() -> Job | None:
        try:
            message = await connection.jetstream().get_last_msg("JOBS", run_subject("webhook"))
        except nats_py.js.errors.NotFoundError:
            return None
        job = msgspec.json.decode(message.data or b"", type=Job)
        return job if str(job.id) == delivery_id else None

    job = await eventually(published)
    await connection.close()
    assert job.payload == {"deliveryId": delivery_id}
    assert webhook["secret"] not in msgspec.json.encode(job).decode()


async def test_a_rotated_secret_signs_beside_the_new_one_for_a_day(
    client: httpx.AsyncClient, owner: Owner, tested: Any, sign: Any, database: Database
) -> None:
    made, delivery_id = await tested()
    answer = await client.post(f"/api/v1/webhooks/{made['id']}/secret", headers=owner)
    fresh = answer.json()["secret"]
    assert answer.status_code == 201
    assert fresh != made["secret"]
    signed = await sign(delivery_id)
    assert verified(fresh, signed)
    assert verified(made["secret"], signed)
    async with database.write() as db:
        webhook = await db.get_one(Webhook, UUID(made["id"]))
        webhook.previous_until = now() - timedelta(seconds=1)
    signed = await sign(delivery_id)
    assert verified(fresh, signed)
    assert not verified(made["secret"], signed)


async def test_every_attempt_is_signed_anew_and_says_the_same(tested: Any, sign: Any, attempted: Any) -> None:
    made, delivery_id = await tested()
    first = await sign(delivery_id)
    await attempted(delivery_id, 500)
    second = await sign(delivery_id)
    assert (first["number"], second["number"]) == (1, 2)
    assert first["body"] == second["body"]
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
    assert verified(made["secret"], second)
    assert abs(int(second["headers"]["webhook-timestamp"]) - now().timestamp()) < 5


async def test_a_delivery_that_was_taken_is_over(
    client: httpx.AsyncClient,
    carrier: Owner,
    tested: Any,
    attempted: Any,
    deliveries_of: Any,
    webhook_of: Any,
) -> None:
    made, delivery_id = await tested()
    assert (await attempted(delivery_id, 500))["retryAfter"] > 0
    assert (await webhook_of(made["id"]))["failingSince"]
    assert await attempted(delivery_id, 204) == {"isDelivered": True, "retryAfter": None}
    [delivery] = await deliveries_of(made["id"])
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("succeeded", 2, 204)
    assert delivery["milliseconds"] == 7
    assert (await webhook_of(made["id"]))["failingSince"] is None
    assert (await client.get(f"{INTERNAL}/{delivery_id}", headers=carrier)).status_code == 404


async def test_an_attempt_that_is_reported_twice_counts_once(
    tested: Any, attempted: Any, deliveries_of: Any
) -> None:
    made, delivery_id = await tested()
    verdicts = [await attempted(delivery_id, 500, number=1) for _ in range(2)]
    assert all(verdict["retryAfter"] < 10 for verdict in verdicts)
    await attempted(delivery_id, 200, number=7)  # of an attempt that there was not
    [delivery] = await deliveries_of(made["id"])
    assert (delivery["state"], delivery["attempts"]) == ("pending", 1)


async def test_attempts_go_on_for_a_day_ever_later_and_then_end(
    tested: Any, attempted: Any, deliveries_of: Any, webhook_of: Any
) -> None:
    made, delivery_id = await tested()
    waits = []
    for status in (None, 301, 400, 404, 429, 500, 502, 503):
        waits.append(
            (await attempted(delivery_id, status, error="" if status else "no answer"))["retryAfter"]
        )
    assert all(0.9 * wait <= seen <= 1.1 * wait for wait, seen in zip(RETRIES, waits, strict=True))
    assert 20 * 3600 < sum(RETRIES) < 26 * 3600
    assert await attempted(delivery_id, 500) == {"isDelivered": False, "retryAfter": None}
    [delivery] = await deliveries_of(made["id"])
    assert (delivery["state"], delivery["attempts"]) == ("failed", len(RETRIES) + 1)
    assert (await webhook_of(made["id"]))["isActive"]  # one day is no reason yet


async def mail_to(nats: Nats, user_id: UUID) -> EmailJob | None:
    """The last mail that was put into the queue, if it is to this user."""
    connection = await nats_py.connect(nats.url)
    try:
        message = await connection.jetstream().get_last_msg("JOBS", run_subject(EmailJob.KIND))
    except nats_py.js.errors.NotFoundError:
        return None
    finally:
        await connection.close()
    job = msgspec.json.decode(message.data or b"", type=Job)
    return msgspec.convert(job.payload, EmailJob) if job.user_id == user_id else None


async def test_a_webhook_to_which_nothing_can_be_delivered_for_days_is_disabled_and_its_owner_told(
    client: httpx.AsyncClient,
    owner: Owner,
    owner_id: UUID,
    settings: Settings,
    nats: Nats,
    tested: Any,
    attempted: Any,
    webhook_of: Any,
    database: Database,
) -> None:
    made, delivery_id = await tested()
    async with database.write() as db:
        webhook = await db.get_one(Webhook, UUID(made["id"]))
        webhook.failing_since = now() - PATIENCE - timedelta(minutes=1)
        delivery = await db.get_one(Delivery, UUID(delivery_id))
        delivery.attempts = len(RETRIES)
    await attempted(delivery_id, 500)
    seen = await webhook_of(made["id"])
    assert (seen["isActive"], seen["disabledFor"]) == (False, "failing")
    mail = await eventually(lambda: mail_to(nats, owner_id))
    assert mail.template == "webhook-disabled"
    assert mail.data == {"title": "hooks.example.org", "reason": "failing", "link": f"{settings.issuer}/"}
    path = f"/api/v1/webhooks/{made['id']}"
    anew = (await client.patch(path, json={"isActive": True}, headers=owner)).json()
    assert (anew["isActive"], anew["disabledFor"], anew["failingSince"]) == (True, None, None)


async def test_an_endpoint_that_says_it_is_gone_is_told_nothing_more(
    client: httpx.AsyncClient,
    owner: Owner,
    carrier: Owner,
    tested: Any,
    attempted: Any,
    deliveries_of: Any,
    webhook_of: Any,
    make_export: Any,
    processor: Any,
) -> None:
    made, delivery_id = await tested()
    waiting = await client.post(f"/api/v1/webhooks/{made['id']}/test", headers=owner)
    assert await attempted(delivery_id, 410) == {"isDelivered": False, "retryAfter": None}
    seen = await webhook_of(made["id"])
    assert (seen["isActive"], seen["disabledFor"]) == (False, "gone")
    assert (await client.get(f"{INTERNAL}/{waiting.json()['id']}", headers=carrier)).status_code == 404
    assert {delivery["state"] for delivery in await deliveries_of(made["id"])} == {"failed"}
    export = await make_export()
    await processor.succeed(export["jobId"], 2)

    async def has_ended() -> bool:
        job = await client.get(f"/api/v1/jobs/{export['jobId']}", headers=owner)
        return bool(job.json()["state"] == "succeeded")

    await eventually(has_ended)
    assert len(await deliveries_of(made["id"])) == 2


async def test_what_nobody_made_is_not_delivered(client: httpx.AsyncClient, carrier: Owner) -> None:
    for answer in (
        await client.get(f"{INTERNAL}/{new_id()}", headers=carrier),
        await client.post(
            f"{INTERNAL}/{new_id()}/attempts",
            json={"number": 1, "at": "2026-03-04T15:06:07Z", "milliseconds": 1},
            headers=carrier,
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "DELIVERY_NOT_FOUND")


async def test_deliveries_are_forgotten_in_their_time(
    tested: Any, deliveries_of: Any, database: Database
) -> None:
    made, delivery_id = await tested()
    async with database.write() as db:
        (await db.get_one(Delivery, UUID(delivery_id))).created_at = now() - timedelta(days=31)
        await db.flush()
        assert await queries.forget(db, now() - timedelta(days=30)) == 1
        assert await queries.forget(db, now() - timedelta(days=30)) == 0
    assert await deliveries_of(made["id"]) == []
