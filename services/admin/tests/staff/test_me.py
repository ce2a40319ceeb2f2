from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from common.ids import new_id

Entries = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("support", ["health.read", "sessions.end", "users.impersonate", "users.read", "users.suspend"]),
        ("auditor", ["audit.read", "health.read", "users.read"]),
        (
            "superadmin",
            [
                "audit.read",
                "health.read",
                "sessions.end",
                "staff.manage",
                "users.impersonate",
                "users.read",
                "users.suspend",
            ],
        ),
    ],
)
async def test_staff_learn_what_their_role_may_do(
    client: httpx.AsyncClient, sso: Any, role: str, permissions: list[str]
) -> None:
    who = new_id()
    answer = await client.get("/admin/v1/me", headers=sso.headers(role, "something-else", user_id=who))
    assert answer.json() == {"id": str(who), "roles": [role], "permissions": permissions}


async def test_each_session_of_staff_is_recorded_once(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    who = new_id()
    for session in ("first", "first", "second"):
        headers = sso.headers("support", user_id=who, sid=session)
        assert (await client.get("/admin/v1/me", headers=headers)).status_code == 200
    found = await entries(client, actor=str(who))
    assert [entry["action"] for entry in found] == ["staff.signed_in"] * 2
    assert found[0]["detail"] == {"roles": ["support"]}
