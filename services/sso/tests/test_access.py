"""Every route with another user's token, none, an expired one, one for another service (SECURITY 22)."""

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from common.ids import new_id

USER_ROUTES = [
    ("GET", "/auth/me"),
    ("PATCH", "/auth/me"),
    ("GET", "/auth/sessions"),
    ("DELETE", "/auth/sessions/{id}"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/logout-all"),
    ("GET", "/auth/api-keys"),
    ("POST", "/auth/api-keys"),
    ("DELETE", "/auth/api-keys/{id}"),
    ("GET", "/auth/passkeys"),
    ("POST", "/auth/passkeys/register/options"),
    ("POST", "/auth/passkeys/register"),
    ("POST", "/auth/passkeys/step-up/options"),
    ("PATCH", "/auth/passkeys/{id}"),
    ("DELETE", "/auth/passkeys/{id}"),
]
STAFF_ROUTES = [
    ("GET", "/internal/users"),
    ("GET", "/internal/users/{id}"),
    ("PATCH", "/internal/users/{id}"),
    ("GET", "/internal/users/{id}/sessions"),
    ("DELETE", "/internal/users/{id}/sessions"),
]


def bearer(key: RSAKey, **claims: Any) -> dict[str, str]:
    issued_at = int(time.time())
    body = {
        "iss": "https://resumax.test",
        "sub": str(new_id()),
        "aud": ["sso"],
        "iat": issued_at,
        "exp": issued_at + 600,
        "jti": new_id().hex,
        "sid": str(new_id()),
        "client_id": "resumax",
        "scope": "",
    }
    token = jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid}, body | claims, key)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("method", "path"), USER_ROUTES + STAFF_ROUTES)
async def test_no_route_answers_without_a_good_token_of_its_own(
    client: httpx.AsyncClient, signing_key: RSAKey, method: str, path: str
) -> None:
    path = path.replace("{id}", str(new_id()))
    past = int(time.time()) - 700
    for headers in (
        {},
        bearer(signing_key, iat=past, exp=past + 600),
        bearer(signing_key, aud=["api"]),
        bearer(signing_key, aud="admin"),
    ):
        answer = await client.request(method, path, headers=headers, json={} if method == "PATCH" else None)
        assert answer.status_code == 401, (method, path, headers)
        assert "www-authenticate" in answer.headers


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
async def test_internal_routes_are_for_the_services_that_need_them(
    client: httpx.AsyncClient, account: Any, service_headers: Any, method: str, path: str
) -> None:
    path = path.replace("{id}", account.id)
    # The account service may change an account on its owner's behalf (users/test_endings.py).
    services = ("api", "processor") if method == "PATCH" else ("api", "processor", "account")
    others = [account.headers, *[await service_headers(name) for name in services]]
    for headers in others:
        answer = await client.request(method, path, headers=headers, json={} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    missing = path.replace(account.id, str(new_id()))
    answer = await client.request(
        method, missing, headers=await service_headers(), json={} if method == "PATCH" else None
    )
    assert answer.status_code == (200 if missing == path else 404)


async def test_a_service_token_is_no_users_token(client: httpx.AsyncClient, service_headers: Any) -> None:
    assert (await client.get("/auth/me", headers=await service_headers())).status_code == 403


async def test_another_users_session_is_not_found(client: httpx.AsyncClient, register: Any) -> None:
    owner, other = await register(), await register()
    (session,) = (await client.get("/auth/sessions", headers=owner.headers)).json()["items"]
    answer = await client.delete(f"/auth/sessions/{session['id']}", headers=other.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "SESSION_NOT_FOUND")
    assert (await client.get("/auth/me", headers=owner.headers)).status_code == 200
    for bad in ("not-a-uuid", "%00", "1"):
        answer = await client.delete(f"/auth/sessions/{bad}", headers=owner.headers)
        assert answer.status_code == 404


async def test_every_operation_is_described(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/auth/openapi.json")).json()
    documented = {
        (method.upper(), path) for path, operations in schema["paths"].items() for method in operations
    }
    assert {("POST", "/auth/register"), ("POST", "/oauth2/token"), ("PATCH", "/auth/me")} <= documented
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
    assert (await client.get("/auth/docs")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
