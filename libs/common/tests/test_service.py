import asyncio
from typing import Any

import httpx
import pytest
from widgets_service import app as widgets

from common.ids import new_id
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served


async def test_a_resource_is_created_and_read_by_its_owner_alone(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    owner = issuer.headers("widgets")
    created = await client.post("/widgets/v1", json={"name": "one"}, headers=owner)
    assert created.status_code == 201, created.text
    path = f"/widgets/v1/{created.json()['id']}"
    assert (await client.get(path, headers=owner)).json()["name"] == "one"
    foreign = await client.get(path, headers=issuer.headers("widgets"))
    assert foreign.status_code == 404
    assert foreign.headers["content-type"] == "application/problem+json"
    assert foreign.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"name": 1}', "$.name"),
        (b'{"name": "a", "extra": 1}', "$"),
        (b"{}", "$"),
        (b"[1]", "$"),
        (b"{not json", "$"),
        (b'{"name": ""}', "$.name"),
        (b"\xff\xfe", "$"),
        (b'{"name": "\xed\xa0\x80"}', "$"),
        (b"", "$"),
    ],
)
async def test_bad_bodies_are_named_problems(
    client: httpx.AsyncClient, issuer: Issuer, body: bytes, path: str
) -> None:
    answer = await client.post("/widgets/v1", content=body, headers=issuer.headers("widgets"))
    problem = answer.json()
    assert answer.status_code == 400, problem
    assert problem["code"] == "VALIDATION_FAILED"
    assert problem["errors"][0]["path"].startswith(path)
    assert problem["requestId"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("params", "header", "body", "path"),
    [
        ({"at-most": "0"}, "", 1, "$.at-most"),
        ({"at-most": "x"}, "", 1, "$.at-most"),
        ({"from": "yesterday"}, "", 1, "$.from"),
        ({"plain": "x"}, "", 1, "$.plain"),
        ({}, "long", 1, "$.X-Paid-By"),
        ({}, "", "x", "$.howMany"),
    ],
)
async def test_a_parameter_that_is_wrong_is_called_as_its_caller_wrote_it(
    client: httpx.AsyncClient, issuer: Issuer, params: dict[str, str], header: str, body: Any, path: str
) -> None:
    headers = issuer.headers("widgets") | {"X-Paid-By": header}
    answer = await client.post("/widgets/v1/orders", params=params, json={"howMany": body}, headers=headers)
    assert answer.status_code == 400, answer.text
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert answer.json()["detail"].startswith(f"{path}: ")


async def test_a_crash_shows_no_internals_and_keeps_nothing(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    answer = await client.post("/widgets/v1", json={"name": "crash"}, headers=issuer.headers("widgets"))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "INTERNAL_ERROR"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/widgets/v1/limited", 405),
        ("GET", "/widgets/v1/not-a-uuid", 404),
    ],
)
async def test_framework_errors_are_problems_too(
    client: httpx.AsyncClient, issuer: Issuer, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers=issuer.headers("widgets"))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_a_body_over_the_limit_is_413(client: httpx.AsyncClient, issuer: Issuer) -> None:
    body = b'{"name": "' + b"x" * (2 << 20) + b'"}'
    answer = await client.post("/widgets/v1", content=body, headers=issuer.headers("widgets"))
    assert answer.status_code == 413
    assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"


async def test_a_reader_cannot_write(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/widgets/v1/write-through-a-reader", headers=issuer.headers("widgets"))
    assert answer.status_code == 500


async def test_every_response_carries_the_request_id_and_security_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"X-Request-Id": "caller-chose-this"})
    assert answer.headers["x-request-id"] == "caller-chose-this"
    assert answer.headers["cache-control"] == "no-store"
    for name in (
        "strict-transport-security",
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
    ):
        assert name in answer.headers
    other = await client.get("/nowhere", headers={"X-Request-Id": "no spaces allowed"})
    assert other.headers["x-request-id"] != "no spaces allowed"


async def test_health_metrics_docs_and_openapi_answer(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert ready.status_code == 200, ready.text
    assert "http_request_seconds_bucket" in (await client.get("/metrics")).text
    api = (await client.get("/widgets/v1/openapi.json")).json()
    assert api["openapi"].startswith("3.1")
    page = await client.get("/widgets/v1/docs")
    assert page.status_code == 200, page.text
    assert "<script" not in page.text
    assert "https://" not in page.text.replace("https://spec", "")


async def test_a_response_may_have_a_policy_of_its_own_and_has_one_alone(client: httpx.AsyncClient) -> None:
    own = await client.get("/own-headers")
    assert own.headers.get_list("content-security-policy") == ["default-src 'none'"]
    assert own.headers.get_list("cache-control") == ["max-age=60"]
    assert own.headers["x-content-type-options"] == "nosniff"
    other = await client.get("/open")
    assert len(other.headers.get_list("content-security-policy")) == 1


async def test_methods_that_somebody_made_up_are_one_in_the_metrics(client: httpx.AsyncClient) -> None:
    for method in ("MADEUP", "MADEUP2", "GETT"):
        await client.request(method, "/widgets/v1")
    metrics = (await client.get("/metrics")).text
    assert 'method="OTHER"' in metrics
    assert "MADEUP" not in metrics
    assert "GETT" not in metrics


async def test_the_same_key_gives_the_first_response_again(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers: dict[str, Any] = {**issuer.headers("widgets"), "Idempotency-Key": new_id().hex}
    first = await client.post("/widgets/v1", json={"name": "once"}, headers=headers)
    again = await client.post("/widgets/v1", json={"name": "once"}, headers=headers)
    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/widgets/v1", json={"name": "twice"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_key_is_good_for_one_resource_alone(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = {**issuer.headers("widgets"), "Idempotency-Key": new_id().hex}
    first, second = new_id(), new_id()
    for widget in (first, second, first):
        answer = await client.post(f"/widgets/v1/{widget}/parts", headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (201, f"part of {widget}")
    assert answer.headers["idempotent-replayed"] == "true"


async def test_one_key_at_two_replicas_at_once_has_one_effect(
    issuer: Issuer, settings_for: MakeSettings
) -> None:
    settings = settings_for(ServiceSettings, widgets.__file__)
    headers = {**issuer.headers("widgets"), "Idempotency-Key": new_id().hex}
    async with served(widgets.create_app(settings)) as one, served(widgets.create_app(settings)) as other:
        answers = await asyncio.gather(
            *(at.post("/widgets/v1", json={"name": "slow"}, headers=headers) for at in (one, other) * 3)
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 5


async def test_a_limit_is_counted_and_told(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.headers("widgets")
    answers = [await client.get("/widgets/v1/limited", headers=headers) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert [a.headers["x-ratelimit-remaining"] for a in answers] == ["4", "3", "2", "1", "0", "0"]
    assert answers[-1].json()["code"] == "RATE_LIMIT_EXCEEDED"
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_half_requests_time_out_and_hold_up_nobody(
    client: httpx.AsyncClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.edge.BODY_TIMEOUT", 1.0)
    connections = []
    for _ in range(200):
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        head = f"POST /widgets/v1 HTTP/1.1\r\nHost: x\r\nAuthorization: {issuer.headers('widgets')['Authorization']}\r\n"
        writer.write((head + 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"na').encode())
        connections.append((reader, writer))
    await asyncio.sleep(0.3)
    assert (await client.get("/healthz", timeout=1)).status_code == 200
    answers = await asyncio.gather(*(reader.read(12) for reader, _ in connections))
    assert set(answers) == {b"HTTP/1.1 408"}
    for _, writer in connections:
        writer.close()


async def test_who_is_refused_with_a_large_body_is_told_so(client: httpx.AsyncClient) -> None:
    """The answer is there once the body was taken, not a connection that breaks while it is sent."""
    head = b"POST /widgets/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    for _ in range(20):
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(head)
        for _ in range(10):
            writer.write(b"x" * 100_000)
            await writer.drain()
            await asyncio.sleep(0.001)
        assert await reader.read(12) == b"HTTP/1.1 401"
        writer.close()
