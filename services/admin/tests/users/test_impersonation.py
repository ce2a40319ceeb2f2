"""SECURITY 28: staff act in a user's place with a reason, on record, and never in that of staff."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from common.ids import new_id

Entries = Callable[..., Awaitable[list[dict[str, Any]]]]


def path(user: Any) -> str:
    return f"/admin/v1/users/{user.id}/impersonate"


async def test_acting_in_a_users_place_is_announced_done_and_recorded_with_its_reason(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    user, who = sso.add(), new_id()
    body = {"reason": "Ticket 4711", "minutes": 30}
    answer = await client.post(path(user), json=body, headers=sso.headers("support", user_id=who))
    assert (answer.status_code, answer.json()["expiresIn"]) == (201, 1800)
    asked = sso.impersonated[-1]
    assert (asked[0], str(asked[1].staff_id), asked[1].reason) == (str(user.id), str(who), "Ticket 4711")
    found = await entries(client, target=f"user:{user.id}")
    assert [(entry["action"], entry["outcome"]) for entry in reversed(found)] == [
        ("user.impersonated", "intended"),
        ("user.impersonated", "succeeded"),
    ]
    assert {entry["reason"] for entry in found} == {"Ticket 4711"}
    assert found[0]["detail"]["session"] == answer.json()["sessionId"]
    assert "a.b.c" not in str(found)


async def test_nobody_acts_in_the_place_of_staff(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    staff = sso.add(roles=["support"])
    answer = await client.post(path(staff), json={"reason": "curious"}, headers=sso.headers("superadmin"))
    assert (answer.status_code, answer.json()["code"]) == (409, "IMPERSONATION_REFUSED")
    assert (await entries(client, target=f"user:{staff.id}"))[0]["outcome"] == "failed"


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x", "minutes": 61}])
async def test_a_reason_and_an_end_are_asked_for(client: httpx.AsyncClient, sso: Any, body: Any) -> None:
    answer = await client.post(path(sso.add()), json=body, headers=sso.headers("support"))
    assert answer.status_code == 400


async def test_the_permission_is_asked_for(client: httpx.AsyncClient, sso: Any) -> None:
    answer = await client.post(path(sso.add()), json={"reason": "x"}, headers=sso.headers("auditor"))
    assert answer.status_code == 403
