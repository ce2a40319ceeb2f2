"""Who gets where: every route with no token, bad ones, and those of others (SECURITY 22, 26)."""

import time

import httpx
import pytest

from common.ids import new_id
from common.testing.issuer import OTHER_KEY, Issuer

USER_ROUTES = [("GET", "/account/v1/profile"), ("PATCH", "/account/v1/profile")]
INTERNAL_ROUTES = [("GET", f"/internal/profiles/{new_id()}"), ("PUT", f"/internal/profiles/{new_id()}")]


@pytest.mark.parametrize(("method", "path"), USER_ROUTES + INTERNAL_ROUTES)
async def test_no_route_opens_without_a_good_token(
    client: httpx.AsyncClient, issuer: Issuer, method: str, path: str
) -> None:
    now = int(time.time())
    bad = [
        issuer.token("account", exp=now - 120),
        issuer.token("api"),
        issuer.token("account", iss="https://elsewhere.example"),
        issuer.token("account", key=OTHER_KEY),
        issuer.token("account", header={"typ": "JWT"}),
        "garbage",
    ]
    for headers in ({}, {"Authorization": "Basic YTpi"}, *({"Authorization": f"Bearer {t}"} for t in bad)):
        answer = await client.request(method, path, headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), INTERNAL_ROUTES)
async def test_internal_routes_are_not_for_users(
    client: httpx.AsyncClient, issuer: Issuer, method: str, path: str
) -> None:
    for headers in (
        issuer.headers("account", scope="internal", roles=["superadmin"]),
        {"Authorization": f"Bearer {issuer.service_token('account', client_id='sso', scope='')}"},
    ):
        assert (await client.request(method, path, headers=headers)).status_code == 403


@pytest.mark.parametrize(("method", "path"), USER_ROUTES)
async def test_the_routes_of_users_are_not_for_services(
    client: httpx.AsyncClient, issuer: Issuer, method: str, path: str
) -> None:
    answer = await client.request(method, path, headers=issuer.service_headers("account"))
    assert answer.status_code == 403


async def test_answers_carry_the_security_headers(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/account/v1/profile", headers=issuer.headers("account"))
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_description_names_every_route_in_words(client: httpx.AsyncClient) -> None:
    api = (await client.get("/account/v1/openapi.json")).json()
    operations = [operation for path in api["paths"].values() for operation in path.values()]
    assert len(operations) == len(USER_ROUTES + INTERNAL_ROUTES)
    assert all(operation["summary"] and operation["tags"] for operation in operations)
    assert (await client.get("/account/v1/docs")).status_code == 200
    assert (await client.get("/readyz")).json()["status"] == "ready"
