"""Webhooks as their owners see them."""

import asyncio
import base64
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.webhooks import service
from api.webhooks.models import Webhook
from common.db import Database
from common.idempotency import StoredResponse
from common.testing.issuer import Issuer

Owner = dict[str, str]
PATH = "/api/v1/webhooks"


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once(
    client: httpx.AsyncClient, owner: Owner, make_webhook: Any, database: Database
) -> None:
    made = await make_webhook(events=["export.failed", "export.failed"], description="Careers")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert made["events"] == ["export.failed"]
    assert (made["isActive"], made["disabledFor"], made["failingSince"]) == (True, None, None)
    read = await client.get(f"{PATH}/{made['id']}", headers=owner)
    listed = await client.get(PATH, headers=owner)
    assert read.json() == made
    assert listed.json()["items"] == [made]
    async with database.read() as db:
        row = (await db.scalars(select(Webhook).where(Webhook.url == made["url"]))).all()[-1]
    assert base64.b64decode(secret.removeprefix("whsec_")) not in row.secret
    assert secret.encode() not in row.secret


async def test_a_repeated_request_makes_one_webhook_and_tells_no_secret_again(
    client: httpx.AsyncClient, owner: Owner, database: Database
) -> None:
    body = {"url": "https://hooks.example.org/a"}
    headers = owner | {"Idempotency-Key": "once"}
    first, second = [await client.post(PATH, json=body, headers=headers) for _ in range(2)]
    assert first.json()["secret"]
    assert second.json() == first.json() | {"secret": None}
    assert first.headers["location"] == second.headers["location"] == f"{PATH}/{first.json()['id']}"
    async with database.read() as db:
        stored = [row.response for row in await db.scalars(select(StoredResponse))]
    assert not any(first.json()["secret"].encode() in response for response in stored)


async def test_a_user_has_ten_webhooks_at_most(client: httpx.AsyncClient, owner: Owner) -> None:
    body = {"url": "https://hooks.example.org/"}
    answers = await asyncio.gather(*(client.post(PATH, json=body, headers=owner) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 2
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "WEBHOOK_LIMIT_REACHED"
    assert len((await client.get(PATH, headers=owner)).json()["items"]) == 10


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example.org", "ftp://hooks.example.org/", "file:///etc/passwd", "javascript:alert(1)", "https://",
        "https://user:pw@hooks.example.org/", "https://user@hooks.example.org/", "https://hooks.example.org/#a",
        "https://hooks.example.org\\@evil.example/", "https://hooks.example.org/ a", "https://hooks.example.org/\n",
        "https://[::1", "https://hooks.example.org:99999/", "https://hooks.example.org:0/", "https://x/" + "a" * 2048,
    ],
)  # fmt: skip
async def test_what_is_no_address_of_a_receiver_is_refused(
    client: httpx.AsyncClient, owner: Owner, make_webhook: Any, url: str
) -> None:
    answer = await client.post(PATH, json={"url": url}, headers=owner)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "$.url")
    made = await make_webhook()
    changed = await client.patch(f"{PATH}/{made['id']}", json={"url": url}, headers=owner)
    assert changed.status_code == 400


@pytest.mark.parametrize(
    "body", [{"events": []}, {"events": ["no.such"]}, {"events": ["webhook.test"]}, {"x": 1}]
)
async def test_events_are_those_there_are(
    client: httpx.AsyncClient, owner: Owner, body: dict[str, Any]
) -> None:
    answer = await client.post(PATH, json={"url": "https://x.example/"} | body, headers=owner)
    assert answer.status_code == 400


async def test_an_api_key_makes_no_webhooks(client: httpx.AsyncClient, issuer: Issuer, owner: Owner) -> None:
    """Nor does another app: what it made would go on to tell after it was revoked."""
    scoped = issuer.headers("api", scope="resumes:read resumes:write")
    answer = await client.post(PATH, json={"url": "https://hooks.example.org/"}, headers=scoped)
    assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")


async def test_a_webhook_is_changed_stopped_and_deleted(
    client: httpx.AsyncClient, owner: Owner, make_webhook: Any, deliveries_of: Any
) -> None:
    made = await make_webhook()
    path = f"{PATH}/{made['id']}"
    await client.post(f"{path}/test", headers=owner)
    changed = await client.patch(path, json={"isActive": False, "description": "Off"}, headers=owner)
    assert (changed.json()["isActive"], changed.json()["url"]) == (False, made["url"])
    [waiting] = await deliveries_of(made["id"])
    assert (waiting["state"], waiting["error"]) == ("failed", "the webhook is not active")
    refused = await client.post(f"{path}/test", headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "WEBHOOK_INACTIVE")
    again = await client.patch(path, json={"isActive": True}, headers=owner)
    assert again.json()["isActive"]
    assert (await client.delete(path, headers=owner)).status_code == 204
    assert (await client.get(path, headers=owner)).status_code == 404
    assert (await client.get(f"{path}/deliveries", headers=owner)).status_code == 404


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://hooks.example.org/", True),
        ("https://hooks.example.org:8443/a?b=c", True),
        ("http://hooks.example.org/", False),
        ("https://hooks.example.org:25/", False),
        ("https://hooks.example.org:6379/", False),
    ],
)
async def test_in_production_only_the_secure_web_is_told(url: str, is_taken: bool) -> None:
    assert (service.mistake(url, is_strict=True) == "") == is_taken
    assert service.mistake(url, is_strict=False) == ""
