"""SECURITY 22: every route, with nobody's, somebody else's, an expired and a wrong audience's token.

The routes come from the OpenAPI document, so none can be forgotten; the ids from `things`.
"""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from things import CONTENT, MAKERS, PUBLIC, make_all

from common.ids import new_id
from common.testing.issuer import OTHER_KEY, Issuer
from common.testing.operations import Operation, operations

Owner = dict[str, str]
Things = dict[str, str]
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
async def every(client: httpx.AsyncClient) -> list[Operation]:
    return operations((await client.get("/api/v1/openapi.json")).json())


@pytest.fixture
async def things(client: httpx.AsyncClient, owner: Owner) -> Things:
    """One of each thing that has an id, of `owner`."""
    return await make_all(client, owner)


def for_users(every: list[Operation]) -> Iterator[Operation]:
    return (o for o in every if o.is_guarded and not o.path.startswith("/internal/"))


def internal(every: list[Operation]) -> Iterator[Operation]:
    return (o for o in every if o.path.startswith("/internal/"))


def bad_tokens(issuer: Issuer) -> dict[str, str]:
    return {
        "expired": issuer.token("api", exp=int(time.time()) - 120, iat=int(time.time()) - 720),
        "wrong audience": issuer.token("account"),
        "forged": issuer.token("api", key=OTHER_KEY),
        "wrong issuer": issuer.token("api", iss="https://elsewhere.example"),
        "not a token": "nonsense",
    }


async def test_without_a_valid_token_nothing_is_told(
    client: httpx.AsyncClient, issuer: Issuer, things: Things, every: list[Operation]
) -> None:
    for operation in (*for_users(every), *internal(every)):
        without = await operation.call(client, things)
        assert without.status_code == 401, operation
        assert without.headers["www-authenticate"] == "Bearer"
        for what, token in bad_tokens(issuer).items():
            answer = await operation.call(client, things, {"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, (operation, what)
            assert answer.json()["code"] == "UNAUTHORIZED"


async def test_what_is_somebody_elses_is_not_found_and_stays(
    client: httpx.AsyncClient, issuer: Issuer, owner: Owner, things: Things, every: list[Operation]
) -> None:
    other = issuer.headers("api")
    before = await state_of(client, owner, things, every)
    own = [o for o in for_users(every) if set(o.parameters) - PUBLIC]
    assert len(own) > 10
    for operation in own:
        missing = {name: value if name in PUBLIC else str(new_id()) for name, value in things.items()}
        foreign = await operation.call(client, things, other)
        nowhere = await operation.call(client, missing, other)
        assert (foreign.status_code, nowhere.status_code) == (404, 404), (
            operation,
            foreign.text,
            nowhere.text,
        )
        assert foreign.json()["detail"] == nowhere.json()["detail"], operation
    assert await state_of(client, owner, things, every) == before


async def test_an_id_of_ones_own_does_not_open_what_is_below_somebody_elses(
    client: httpx.AsyncClient, issuer: Issuer, owner: Owner, things: Things, every: list[Operation]
) -> None:
    """`/resumes/{mine}/items/{theirs}` is no way in, nor is `/resumes/{theirs}/items/{mine}`."""
    other = issuer.headers("api")
    mine = await make_all(client, other)
    before = await state_of(client, owner, things, every)
    for operation in for_users(every):
        own = [name for name in operation.parameters if name not in PUBLIC]
        for name in own if len(own) > 1 else ():
            answer = await operation.call(client, mine | {name: things[name]}, other)
            assert answer.status_code == 404, (operation, name, answer.text)
    assert await state_of(client, owner, things, every) == before


async def state_of(client: httpx.AsyncClient, owner: Owner, things: Things, every: list[Operation]) -> Any:
    """All that its owner can read of `things`, without what changes by itself."""
    state = {}
    for operation in for_users(every):
        if operation.method == "GET" and not operation.path.endswith("/events"):
            answer = await operation.call(client, things, owner)
            body = (
                answer.json() if answer.headers.get("content-type", "").startswith("application/json") else ""
            )
            state[operation.path] = (answer.status_code, _steady(body))
    return state


def _steady(value: Any) -> Any:
    """`value` without what is another in each answer: signed addresses, the time of a copy."""
    if isinstance(value, dict):
        kept = (name for name in value if not name.lower().endswith("url") and name != "exportedAt")
        return {name: _steady(value[name]) for name in kept}
    return [_steady(inner) for inner in value] if isinstance(value, list) else value


async def test_internal_routes_are_for_services(
    client: httpx.AsyncClient, issuer: Issuer, things: Things, every: list[Operation]
) -> None:
    for operation in internal(every):
        for headers in (
            issuer.headers("api"),
            issuer.headers("api", roles=["admin"], scope="internal"),
            {"Authorization": f"Bearer {issuer.service_token('api', scope='')}"},
        ):
            answer = await operation.call(client, things, headers)
            assert answer.status_code == 403, (operation, answer.text)


CALLERS = {
    "/internal/assets": "processor",
    "/internal/resumes": "admin",
    "/internal/templates": "processor",
    "/internal/versions": "processor",
    "/internal/webhook-deliveries": "processor",
}


@pytest.mark.parametrize("service", ["account", "admin", "api", "processor", "sso"])
async def test_internal_routes_are_for_the_one_service_that_needs_them(
    client: httpx.AsyncClient, issuer: Issuer, things: Things, every: list[Operation], service: str
) -> None:
    headers = issuer.service_headers("api", client_id=service)
    for operation in internal(every):
        # Without a body nothing is changed: the templates that there are count for all tests.
        answer = await msgspec.structs.replace(operation, body=None).call(client, things, headers)
        caller = next(who for path, who in CALLERS.items() if operation.path.startswith(path))
        if service == caller:
            assert answer.status_code not in {401, 403}, (operation, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), operation


async def test_services_do_not_act_as_users(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/api/v1/resumes", headers=issuer.service_headers("api"))
    assert answer.status_code == 403


async def test_nobody_exports_what_is_somebody_elses(
    client: httpx.AsyncClient, issuer: Issuer, things: Things
) -> None:
    other = issuer.headers("api")
    for body in ({"resumeId": things["resume_id"]}, {"versionId": things["version_id"]}):
        answer = await client.post("/api/v1/exports", json=body | {"format": "pdf"}, headers=other)
        assert answer.status_code == 404
    for path in ("/api/v1/resumes", "/api/v1/exports"):
        assert (await client.get(path, headers=other)).json()["items"] == []


@pytest.mark.parametrize("path", ["/api/v1/resumes/1", "/api/v1/versions/x", "/api/v1/jobs/%00"])
async def test_what_is_no_id_is_not_found(client: httpx.AsyncClient, owner: Owner, path: str) -> None:
    assert (await client.get(path, headers=owner)).status_code == 404


async def test_every_id_in_a_path_has_a_thing_here(things: Things, every: list[Operation]) -> None:
    assert {name for operation in every for name in operation.parameters} <= set(things)
    assert set(MAKERS) <= set(things)


async def test_what_is_made_here_says_what_it_should(
    client: httpx.AsyncClient, owner: Owner, things: Things
) -> None:
    kept = await client.get(f"/api/v1/resumes/{things['resume_id']}/content", headers=owner)
    assert kept.json() == CONTENT


async def test_every_operation_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["paths"]
    for path, methods in described.items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            assert "default" in operation["responses"], (method, path)


async def test_the_description_can_be_read_as_a_page(
    client: httpx.AsyncClient, every: list[Operation]
) -> None:
    page = await client.get("/api/v1/docs")
    assert page.status_code == 200
    for operation in every:
        assert f"<code>{operation.path}</code>" in page.text
    assert "[&#39;null&#39;" not in page.text
