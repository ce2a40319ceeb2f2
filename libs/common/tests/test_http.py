"""Calls to other services: who calls, how long, how often, and what a failure becomes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import HttpMethod, Litestar, Request, Response, post, route

from common import context
from common.http import (
    ATTEMPTS,
    ClientCredentials,
    RetryBudget,
    ServiceClient,
    ServiceRefused,
    ServiceUnavailable,
)
from common.settings import Secret
from common.testing.ports import free_port
from common.testing.served import served


class Answer(msgspec.Struct):
    said: str


class Neighbour:
    """Another service and the SSO's token endpoint at once: answers as it is told, and notes what it was asked."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.answers: list[int] = []
        self.hang = 0.0
        self.requests: list[Request[Any, Any, Any]] = []
        self.tokens = 0
        self.forms: list[dict[str, str]] = []
        self.token_life = 600
        self.token_status = 200

    def app(self) -> Litestar:
        methods = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]

        @route("/things", http_method=methods, status_code=200)
        async def things(request: Request[Any, Any, Any]) -> Response[Any]:
            self.requests.append(request)
            await asyncio.sleep(self.hang)
            status = self.answers.pop(0) if self.answers else 200
            return Response({"said": "hello"} if status < 300 else {"code": "NO"}, status_code=status)

        @post("/oauth2/token", status_code=200)
        async def token(request: Request[Any, Any, Any]) -> Response[Any]:
            self.tokens += 1
            form = await request.form()
            self.forms.append({**form, "authorization": request.headers["authorization"]})
            body = {"access_token": f"token-{self.tokens}", "expires_in": self.token_life}
            return Response(body, status_code=self.token_status)

        return Litestar([things, token], logging_config=None)


@pytest_asyncio.fixture
async def neighbour() -> AsyncIterator[Neighbour]:
    neighbour = Neighbour()
    async with served(neighbour.app(), port=neighbour.port):
        yield neighbour


@pytest_asyncio.fixture
async def client(neighbour: Neighbour) -> AsyncIterator[ServiceClient]:
    credentials = ClientCredentials(neighbour.url, "widgets", Secret("s"))
    client = ServiceClient("neighbour", neighbour.url, credentials, timeout=httpx.Timeout(0.3))
    yield client
    await client.close()
    await credentials.close()


async def test_a_call_shows_a_token_and_carries_the_request_it_is_for(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    context.accept("request-of-a-caller", f"00-{'a' * 32}-{'b' * 16}-01")
    answer = await client.get("/things", Answer, q="Ünï", limit=3)
    assert answer.said == "hello"
    request = neighbour.requests[0]
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["x-request-id"] == "request-of-a-caller"
    assert request.headers["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert dict(request.query_params) == {"q": "Ünï", "limit": "3"}
    form = neighbour.forms[0]
    assert (form["grant_type"], form["audience"], form["scope"]) == (
        "client_credentials",
        "neighbour",
        "internal",
    )
    assert form["authorization"].startswith("Basic ")


async def test_a_token_is_asked_for_once_and_renewed_before_it_ends(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    neighbour.token_life = 1
    await asyncio.gather(*(client.get("/things", Answer) for _ in range(20)))
    assert neighbour.tokens == 1
    await asyncio.sleep(0.85)
    await client.get("/things", Answer)
    assert neighbour.tokens == 2
    assert neighbour.requests[-1].headers["authorization"] == "Bearer token-2"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_token_that_is_refused_is_replaced_at_once(
    neighbour: Neighbour, client: ServiceClient, method: str
) -> None:
    await client.send(method, "/things")
    neighbour.answers = [401]
    await client.send(method, "/things")
    shown = [request.headers["authorization"] for request in neighbour.requests]
    assert shown == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    await client.send(method, "/things")
    assert neighbour.tokens == 2


async def test_a_post_whose_tokens_are_all_refused_is_tried_twice(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    neighbour.answers = [401] * 5
    with pytest.raises(ServiceUnavailable):
        await client.send("POST", "/things", b"{}")
    assert len(neighbour.requests) == 2


async def test_without_a_token_nothing_is_called(neighbour: Neighbour, client: ServiceClient) -> None:
    neighbour.token_status = 500
    with pytest.raises(ServiceUnavailable):
        await client.get("/things", Answer)
    assert neighbour.requests == []
    neighbour.token_status = 200
    assert (await client.get("/things", Answer)).said == "hello"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_failure_that_passes_is_not_noticed(
    neighbour: Neighbour, client: ServiceClient, status: int
) -> None:
    neighbour.answers = [status, status]
    assert (await client.get("/things", Answer)).said == "hello"
    assert len(neighbour.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [401, 403, 408, 409, 425, 429, 500, 503])
async def test_a_failure_that_stays_is_unavailable(
    neighbour: Neighbour, client: ServiceClient, status: int
) -> None:
    neighbour.answers = [status] * 10
    with pytest.raises(ServiceUnavailable) as raised:
        await client.get("/things", Answer)
    assert raised.value.status == 503
    assert raised.value.headers["Retry-After"] == "1"
    assert len(neighbour.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 404, 410, 412, 422])
async def test_a_refusal_is_final_and_keeps_what_was_said(
    neighbour: Neighbour, client: ServiceClient, status: int
) -> None:
    neighbour.answers = [status]
    with pytest.raises(ServiceRefused) as raised:
        await client.get("/things", Answer)
    assert (raised.value.status, raised.value.body) == (status, b'{"code":"NO"}')
    assert len(neighbour.requests) == 1


async def test_what_must_not_happen_twice_is_tried_once_unless_it_has_a_key(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    for method, key, tries in (
        ("POST", "", 1),
        ("PATCH", "", 1),
        ("PUT", "", 3),
        ("DELETE", "", 3),
        ("POST", "once", 3),
    ):
        neighbour.requests.clear()
        neighbour.answers = [503] * tries
        with pytest.raises(ServiceUnavailable):
            await client.send(method, "/things", b"{}", idempotency_key=key)
        assert len(neighbour.requests) == tries, method
        assert {request.headers.get("idempotency-key", "") for request in neighbour.requests} == {key}


async def test_retries_never_multiply_the_load_on_a_sick_service(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    neighbour.answers = [503] * 1000
    calls = 60
    results = await asyncio.gather(
        *(client.get("/things", Answer) for _ in range(calls)), return_exceptions=True
    )
    assert Counter(type(result) for result in results) == {ServiceUnavailable: calls}
    assert calls < len(neighbour.requests) <= calls + 10 + calls // 10


def test_the_budget_is_earned_by_calls_and_never_grows_past_its_most() -> None:
    budget = RetryBudget(ratio=0.5, most=2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    budget.earn()
    assert not budget.spend()
    budget.earn()
    assert budget.spend()
    for _ in range(100):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]


async def test_a_service_that_hangs_costs_no_more_than_the_time_allowed(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    neighbour.hang = 1.0
    started = time.perf_counter()
    with pytest.raises(ServiceUnavailable):
        await client.send("POST", "/things", b"{}")
    assert time.perf_counter() - started < 0.8


async def test_a_service_that_is_not_there_is_unavailable_at_once(client: ServiceClient) -> None:
    async def token(_service: str) -> str:
        return "token"

    nobody = ServiceClient("nobody", f"http://127.0.0.1:{free_port()}", token)
    started = time.perf_counter()
    with pytest.raises(ServiceUnavailable, match="nobody"):
        await nobody.get("/things", Answer)
    assert time.perf_counter() - started < 1
    await nobody.close()


async def test_an_answer_that_is_not_what_was_agreed_is_an_error_and_not_taken(
    neighbour: Neighbour, client: ServiceClient
) -> None:
    class Other(msgspec.Struct):
        agreed: int

    with pytest.raises(msgspec.ValidationError):
        await client.get("/things", Other)
