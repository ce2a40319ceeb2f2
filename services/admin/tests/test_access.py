"""Who gets where: every route with no token, bad ones, and without its permission (SECURITY 22, 26, 27)."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from common.ids import new_id
from common.testing.issuer import OTHER_KEY

USER = f"/admin/v1/users/{new_id()}"
ROUTES = [
    ("GET", "/admin/v1/me", None),
    ("GET", "/admin/v1/users", "users.read"),
    ("GET", USER, "users.read"),
    ("POST", f"{USER}/suspend", "users.suspend"),
    ("POST", f"{USER}/restore", "users.suspend"),
    ("DELETE", f"{USER}/sessions", "sessions.end"),
    ("POST", f"{USER}/impersonate", "users.impersonate"),
    ("GET", "/admin/v1/audit-logs", "audit.read"),
    ("GET", "/admin/v1/audit-logs.csv", "audit.read"),
    ("GET", "/admin/v1/audit-logs/verify", "audit.read"),
    ("GET", "/admin/v1/health", "health.read"),
]
HELD = {
    "support": {"users.read", "users.suspend", "users.impersonate", "sessions.end", "health.read"},
    "auditor": {"audit.read", "users.read", "health.read"},
}
REFUSED = [
    (m, p, needed, role) for m, p, needed in ROUTES for role in HELD if needed and needed not in HELD[role]
]


@pytest.mark.parametrize(("method", "path", "_needed"), ROUTES)
async def test_no_route_opens_without_a_good_token(
    client: httpx.AsyncClient, sso: Any, method: str, path: str, _needed: str
) -> None:
    staff: dict[str, Any] = {"roles": ["superadmin"]}
    bad = [
        sso.issuer.token("admin", exp=int(time.time()) - 120, **staff),
        sso.issuer.token(["api", "account"], **staff),
        sso.issuer.token("admin", iss="https://elsewhere.example", **staff),
        sso.issuer.token("admin", key=OTHER_KEY, **staff),
        sso.issuer.token("admin", header={"typ": "JWT"}, **staff),
        "garbage",
    ]
    for headers in ({}, {"Authorization": "Basic YTpi"}, *({"Authorization": f"Bearer {t}"} for t in bad)):
        answer = await client.request(method, path, headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "_needed"), ROUTES)
async def test_a_user_who_is_not_staff_is_told_which_roles_are(
    client: httpx.AsyncClient, sso: Any, method: str, path: str, _needed: str
) -> None:
    for roles in ([], ["user", "Superadmin"]):
        answer = await client.request(method, path, headers=sso.headers(*roles))
        assert answer.status_code == 403
        assert "auditor, superadmin, support" in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "_needed"), ROUTES)
async def test_services_are_not_staff(
    client: httpx.AsyncClient, sso: Any, method: str, path: str, _needed: str
) -> None:
    headers = {"Authorization": f"Bearer {sso.issuer.service_token('admin')}"}
    assert (await client.request(method, path, headers=headers)).status_code == 403


@pytest.mark.parametrize(("method", "path", "needed", "role"), REFUSED)
async def test_a_role_without_the_permission_is_refused_and_the_attempt_recorded(
    client: httpx.AsyncClient,
    sso: Any,
    entries: Callable[..., Awaitable[list[dict[str, Any]]]],
    method: str,
    path: str,
    needed: str,
    role: str,
) -> None:
    who = new_id()
    answer = await client.request(method, path, headers=sso.headers(role, user_id=who))
    assert answer.status_code == 403
    assert needed in answer.json()["detail"]
    denied, _signed_in = await entries(client, actor=str(who))
    assert (denied["action"], denied["outcome"]) == ("access.denied", "denied")
    assert denied["detail"]["permission"] == needed
    assert denied["requestId"] == answer.headers["x-request-id"]


async def test_two_roles_may_do_what_either_may(client: httpx.AsyncClient, sso: Any) -> None:
    both = sso.headers("support", "auditor")
    assert (await client.get("/admin/v1/audit-logs", headers=both)).status_code == 200
    answer = await client.post(f"{USER}/suspend", json={"reason": "spam"}, headers=both)
    assert (answer.status_code, answer.json()["code"]) == (404, "USER_NOT_FOUND")


async def test_answers_carry_the_security_headers(client: httpx.AsyncClient, sso: Any) -> None:
    answer = await client.get("/admin/v1/me", headers=sso.headers("auditor"))
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_description_names_every_route_in_words(client: httpx.AsyncClient) -> None:
    api = (await client.get("/admin/v1/openapi.json")).json()
    operations = [operation for path in api["paths"].values() for operation in path.values()]
    assert len(operations) == len(ROUTES)
    assert all(operation["summary"] and operation["tags"] for operation in operations)
    assert (await client.get("/admin/v1/docs")).status_code == 200
    assert (await client.get("/readyz")).json()["status"] == "ready"
