from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from common.ids import new_id

USERS = "/admin/v1/users"
Entries = Callable[..., Awaitable[list[dict[str, Any]]]]


async def test_users_are_searched_page_by_page_and_who_was_shown_is_recorded(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    made = [str(sso.add(name=f"Паломник 🦊 {n}").id) for n in range(5)]
    who, seen, cursor = new_id(), [], None
    headers = sso.headers("support", user_id=who)
    while True:
        params = {"q": "Паломник 🦊", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(USERS, params=params, headers=headers)).json()
        seen += [user["id"] for user in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == sorted(made)
    listed = await entries(client, actor=str(who), action="users.listed")
    assert [entry["detail"]["shown"] for entry in reversed(listed)] == [seen[:2], seen[2:4], seen[4:]]
    assert "Паломник" not in str(listed)


async def test_a_user_is_seen_and_the_view_recorded(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    user, who = sso.add(name="Grace Hopper"), new_id()
    headers = sso.headers("auditor", user_id=who) | {"X-Request-Id": "seen-by-an-auditor"}
    answer = await client.get(f"{USERS}/{user.id}", headers=headers)
    assert (answer.json()["name"], answer.json()["status"]) == ("Grace Hopper", "active")
    view = (await entries(client, target=f"user:{user.id}"))[0]
    assert (view["actorId"], view["action"], view["outcome"]) == (str(who), "user.viewed", "succeeded")
    assert view["requestId"] == "seen-by-an-auditor"


async def test_suspending_and_restoring_is_announced_done_and_recorded(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    user, headers = sso.add(), sso.headers("support")
    for verb, status in (("suspend", "suspended"), ("restore", "active")):
        answer = await client.post(f"{USERS}/{user.id}/{verb}", json={"reason": "إساءة 🙈"}, headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert sso.users[str(user.id)].status == status
    found = await entries(client, target=f"user:{user.id}")
    assert [(entry["action"], entry["outcome"]) for entry in reversed(found)] == [
        ("user.suspended", "intended"),
        ("user.suspended", "succeeded"),
        ("user.restored", "intended"),
        ("user.restored", "succeeded"),
    ]
    assert {entry["reason"] for entry in found} == {"إساءة 🙈"}
    assert found[0]["detail"] == {"intent": found[1]["id"]}


@pytest.mark.parametrize("body", [None, b"{}", b'{"reason": "asked for it by phone"}'])
async def test_sessions_are_ended_with_a_reason_or_without(
    client: httpx.AsyncClient, sso: Any, entries: Entries, body: bytes | None
) -> None:
    user = sso.add()
    path = f"{USERS}/{user.id}/sessions"
    answer = await client.request("DELETE", path, content=body, headers=sso.headers("support"))
    assert answer.status_code == 204, answer.text
    assert str(user.id) in sso.sessions_ended
    done = (await entries(client, target=f"user:{user.id}"))[0]
    assert (done["action"], done["outcome"]) == ("user.sessions_ended", "succeeded")
    assert done["reason"] == ("asked for it by phone" if body and b"phone" in body else None)


async def test_nobody_suspends_themselves(client: httpx.AsyncClient, sso: Any, entries: Entries) -> None:
    me = sso.add(roles=["superadmin"])
    headers = sso.headers("superadmin", user_id=me.id)
    answer = await client.post(f"{USERS}/{me.id}/suspend", json={"reason": "tired"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_SUSPEND_YOURSELF")
    assert sso.users[str(me.id)].status == "active"
    tried = (await entries(client, target=f"user:{me.id}"))[0]
    assert (tried["outcome"], tried["detail"]["error"]) == ("failed", "CANNOT_SUSPEND_YOURSELF")


@pytest.mark.parametrize(("method", "verb"), [("POST", "suspend"), ("DELETE", "sessions")])
async def test_support_cannot_lock_out_staff_and_a_superadmin_can(
    client: httpx.AsyncClient, sso: Any, method: str, verb: str
) -> None:
    boss = sso.add(roles=["superadmin"])
    path, body = f"{USERS}/{boss.id}/{verb}", {"reason": "a coup"}
    answer = await client.request(method, path, json=body, headers=sso.headers("support"))
    assert answer.status_code == 403
    assert "staff.manage" in answer.json()["detail"]
    assert sso.users[str(boss.id)].status == "active"
    allowed = await client.request(method, path, json=body, headers=sso.headers("superadmin"))
    assert allowed.status_code == 204


@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("POST", "/suspend"), ("POST", "/restore"), ("DELETE", "/sessions")]
)
async def test_an_unknown_user_is_not_found_and_the_attempt_recorded(
    client: httpx.AsyncClient, sso: Any, entries: Entries, method: str, suffix: str
) -> None:
    user_id = new_id()
    body = None if method == "GET" else {"reason": "spam"}
    headers = sso.headers("superadmin")
    answer = await client.request(method, f"{USERS}/{user_id}{suffix}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "USER_NOT_FOUND")
    tried = (await entries(client, target=f"user:{user_id}"))[0]
    assert (tried["outcome"], tried["detail"]["error"]) == ("failed", "USER_NOT_FOUND")


async def test_while_the_sso_is_down_routes_say_so_and_the_failure_is_recorded(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    user, headers = sso.add(), sso.headers("support")
    sso.broken = True
    try:
        answers = [
            await client.get(USERS, headers=headers),
            await client.get(f"{USERS}/{user.id}", headers=headers),
            await client.post(f"{USERS}/{user.id}/suspend", json={"reason": "spam"}, headers=headers),
        ]
    finally:
        sso.broken = False
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["retry-after"] == "1" for answer in answers)
    failed = await entries(client, target=f"user:{user.id}")
    assert [(e["action"], e["outcome"]) for e in failed] == [
        ("user.suspended", "failed"),
        ("user.suspended", "intended"),
        ("user.viewed", "failed"),
    ]
    assert failed[0]["detail"]["error"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"reason": null}',
        b'{"reason": 7}',
        b'{"reason": ""}',
        b'{"reason": "   "}',
        b'{"reason": "null\\u0000byte"}',
        b'{"reason": "line\\n"}',
        b'{"reason": "spam", "status": "deleted"}',
        b'{"reason": "' + b"x" * 501 + b'"}',
        b"[]",
        b"{not json",
        b"",
    ],
)
async def test_a_suspension_needs_a_reason_that_makes_sense(
    client: httpx.AsyncClient, sso: Any, body: bytes
) -> None:
    user = sso.add()
    answer = await client.post(f"{USERS}/{user.id}/suspend", content=body, headers=sso.headers("support"))
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "VALIDATION_FAILED"
    assert sso.users[str(user.id)].status == "active"


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": "many"},
        {"cursor": "nobody's"},
        {"q": "x" * 201},
        {"q": "a\x00b"},
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, sso: Any, params: dict[str, Any]
) -> None:
    answer = await client.get(USERS, params=params, headers=sso.headers("support"))
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "VALIDATION_FAILED"


async def test_bodies_and_ids_that_are_none_are_refused(client: httpx.AsyncClient, sso: Any) -> None:
    headers, user = sso.headers("support"), sso.add()
    big = {"reason": "x" * (2 << 20)}
    assert (await client.post(f"{USERS}/{user.id}/suspend", json=big, headers=headers)).status_code == 413
    assert (await client.get(f"{USERS}/not-an-id", headers=headers)).status_code == 404
