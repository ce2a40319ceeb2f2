"""Webhooks of `owner`, and the processor that carries to them."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from common.ids import now
from common.schemas import rfc3339
from common.testing.issuer import Issuer

MakeWebhook = Callable[..., Awaitable[dict[str, Any]]]
Read = Callable[[str], Awaitable[Any]]
Attempted = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def carrier(issuer: Issuer) -> dict[str, str]:
    """The headers of the processor."""
    return issuer.service_headers("api", client_id="processor")


@pytest.fixture
def make_webhook(client: httpx.AsyncClient, owner: dict[str, str]) -> MakeWebhook:
    async def make(**fields: Any) -> dict[str, Any]:
        body = {"url": "https://hooks.example.org/resumax"} | fields
        answer = await client.post("/api/v1/webhooks", json=body, headers=owner)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return make


@pytest.fixture
def webhook_of(client: httpx.AsyncClient, owner: dict[str, str]) -> Read:
    """`await webhook_of(id)`: the webhook now."""

    async def read(webhook_id: str) -> Any:
        return (await client.get(f"/api/v1/webhooks/{webhook_id}", headers=owner)).json()

    return read


@pytest.fixture
def deliveries_of(client: httpx.AsyncClient, owner: dict[str, str]) -> Read:
    """`await deliveries_of(id)`: those of a webhook, the newest first."""

    async def read(webhook_id: str) -> Any:
        answer = await client.get(f"/api/v1/webhooks/{webhook_id}/deliveries", headers=owner)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    return read


@pytest.fixture
def attempted(client: httpx.AsyncClient, carrier: dict[str, str]) -> Attempted:
    """`await attempted(delivery_id, 503)`: the processor says what came of the next attempt; the verdict."""

    async def note(delivery_id: str, status: int | None = None, **changes: Any) -> dict[str, Any]:
        path = f"/internal/webhook-deliveries/{delivery_id}"
        if "number" not in changes:
            changes["number"] = (await client.get(path, headers=carrier)).json()["number"]
        body = {"at": rfc3339(now()), "milliseconds": 7, "status": status} | changes
        answer = await client.post(f"{path}/attempts", json=body, headers=carrier)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return note
