"""Staff change things only with a second factor that they have just shown (CONTRACTS 5, RFC 9470)."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from admin.app import create_app
from admin.settings import Settings
from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.ids import new_id
from common.testing.served import served

UNSURE: dict[str, dict[str, Any]] = {
    "one factor": {"acr": SINGLE_FACTOR},
    "nothing said": {"acr": ""},
    "a word of somebody else": {"acr": "urn:mace:incommon:iap:silver"},
    "16 minutes ago": {"auth_time": int(time.time()) - 960},
    "no time said": {"auth_time": 0},
}


async def changes(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Every route that is not for reading."""
    paths = (await client.get("/admin/v1/openapi.json")).json()["paths"]
    found = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    return [(method, path.replace("{user_id}", str(new_id()))) for method, path in found if method != "GET"]


@pytest.mark.parametrize("kind", UNSURE)
async def test_every_change_needs_a_second_factor_that_was_shown_in_the_last_15_minutes(
    client: httpx.AsyncClient, sso: Any, kind: str
) -> None:
    routes = await changes(client)
    assert len(routes) >= 4
    for method, path in routes:
        answer = await client.request(
            method, path, json={"reason": "x"}, headers=sso.headers("superadmin", **UNSURE[kind])
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED"), (method, path)
        assert answer.headers["www-authenticate"] == (
            f'Bearer error="insufficient_user_authentication", acr_values="{MULTI_FACTOR}", max_age="900"'
        )


async def test_nothing_changes_and_reading_needs_no_second_factor(
    client: httpx.AsyncClient, sso: Any, entries: Callable[..., Awaitable[list[dict[str, Any]]]]
) -> None:
    user, headers = sso.add(), sso.headers("support", acr=SINGLE_FACTOR)
    refused = await client.post(f"/admin/v1/users/{user.id}/suspend", json={"reason": "x"}, headers=headers)
    assert refused.status_code == 401
    assert sso.users[str(user.id)].status == "active"
    assert await entries(client, target=f"user:{user.id}") == []
    assert (await client.get(f"/admin/v1/users/{user.id}", headers=headers)).status_code == 200


async def test_staff_without_a_second_factor_are_told_where_to_set_one_up(
    client: httpx.AsyncClient, sso: Any
) -> None:
    headers = sso.headers("superadmin", acr=SINGLE_FACTOR)
    answer = await client.delete(f"/admin/v1/users/{new_id()}/sessions", headers=headers)
    detail = answer.json()["detail"]
    assert f"{sso.issuer.url}/auth/ui/security" in detail
    assert f"POST {sso.issuer.url}/auth/step-up" in detail
    assert "15 minutes" in detail


async def test_how_long_a_second_factor_counts_is_a_setting(
    settings: Callable[..., Settings], sso: Any
) -> None:
    user = sso.add()
    path, body = f"/admin/v1/users/{user.id}/suspend", {"reason": "spam"}
    async with served(create_app(settings(step_up_max_age=60))) as client:
        for ago, status in ((90, 401), (30, 204)):
            headers = sso.headers("support", auth_time=int(time.time()) - ago)
            assert (await client.post(path, json=body, headers=headers)).status_code == status
