from typing import Any

import httpx
import pytest

from common.ids import new_id
from common.testing.fixtures import eventually


async def listed(client: httpx.AsyncClient, headers: dict[str, str], **params: Any) -> dict[str, Any]:
    answer = await client.get("/internal/users", params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_staff_find_an_account_by_part_of_its_address_or_name(
    client: httpx.AsyncClient, register: Any, service_headers: Any
) -> None:
    mark = new_id().hex[-10:]
    account = await register(email=f"Grace.{mark}@Example.org", name=f"Grace 100%_{mark}")
    staff = await service_headers()
    for q in (mark, f"grace.{mark}@EXAMPLE", f"100%_{mark}"):
        (found,) = (await listed(client, staff, q=q))["items"]
        assert found["id"] == account.id
        assert (found["status"], found["roles"], found["emailVerified"]) == ("active", [], False)
    assert (await listed(client, staff, q=f"%{mark}%"))["items"] == []
    read = (await client.get(f"/internal/users/{account.id}", headers=staff)).json()
    assert read == found
    assert "password" not in str(read).lower()


async def test_pages_are_stable_while_others_register(
    client: httpx.AsyncClient, register: Any, service_headers: Any
) -> None:
    mark, staff = new_id().hex[-10:], await service_headers()
    ids = [(await register(name=f"N {mark}")).id for _ in range(3)]
    first = await listed(client, staff, q=mark, limit=2)
    await register(name=f"N {mark}")
    second = await listed(client, staff, q=mark, limit=2, cursor=first["nextCursor"])
    assert [user["id"] for user in first["items"] + second["items"]] == ids[::-1]
    assert second["nextCursor"] is None


@pytest.mark.parametrize(
    "params",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": "!"}, {"cursor": "YWJj"}, {"q": "a\x00"}],
)
async def test_bad_parameters_are_problems(
    client: httpx.AsyncClient, service_headers: Any, params: dict[str, Any]
) -> None:
    answer = await client.get("/internal/users", params=params, headers=await service_headers())
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED"), answer.text


async def test_a_suspended_user_is_out_and_comes_back_when_restored(
    client: httpx.AsyncClient, account: Any, service_headers: Any
) -> None:
    staff, path = await service_headers(), f"/internal/users/{account.id}"
    login = {"email": account.email, "password": account.password}
    suspended = await client.patch(path, json={"status": "suspended"}, headers=staff)
    assert suspended.json()["status"] == "suspended"

    async def is_out() -> bool:
        return (await client.get("/auth/me", headers=account.headers)).status_code == 401

    await eventually(is_out, within=1.0)
    refused = await client.post("/auth/login", json=login)
    assert (refused.status_code, refused.json()["code"]) == (401, "INVALID_CREDENTIALS")
    refresh = await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})
    assert refresh.status_code == 401
    assert (await client.get(f"{path}/sessions", headers=staff)).json()["items"] == []
    await client.patch(path, json={"status": "active"}, headers=staff)
    assert (await client.post("/auth/login", json=login)).status_code == 200


async def test_a_role_opens_the_admin_service_and_losing_it_ends_every_session(
    client: httpx.AsyncClient, account: Any, service_headers: Any
) -> None:
    staff, path = await service_headers(), f"/internal/users/{account.id}"
    granted = await client.patch(path, json={"roles": ["support", "support"]}, headers=staff)
    assert granted.json()["roles"] == ["support"]
    refreshed = (await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})).json()
    headers = {"Authorization": f"Bearer {refreshed['accessToken']}"}
    assert (await client.get("/auth/me", headers=headers)).json()["roles"] == ["support"]
    await client.patch(path, json={"roles": []}, headers=staff)

    async def is_out() -> bool:
        return (await client.get("/auth/me", headers=headers)).status_code == 401

    await eventually(is_out, within=1.0)


@pytest.mark.parametrize(
    "body", [{"status": "deleted"}, {"roles": ["Not A Role"]}, {"roles": "x"}, [], {"status": 1}]
)
async def test_bad_changes_are_problems(
    client: httpx.AsyncClient, account: Any, service_headers: Any, body: Any
) -> None:
    path = f"/internal/users/{account.id}"
    answer = await client.patch(path, json=body, headers=await service_headers())
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_staff_see_the_sessions_of_an_account(
    client: httpx.AsyncClient, account: Any, service_headers: Any
) -> None:
    path = f"/internal/users/{account.id}/sessions"
    items = (await client.get(path, headers=await service_headers())).json()["items"]
    assert [(item["ip"], item["current"]) for item in items] == [("127.0.0.1", False)]
