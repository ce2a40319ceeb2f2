from typing import Any

import httpx


async def test_what_happened_to_an_account_is_on_record_for_its_owner_alone(
    client: httpx.AsyncClient, register: Any
) -> None:
    """SECURITY 27: every authentication success and failure is recorded."""
    mine, other = await register(), await register()
    login = {"email": mine.email, "password": "not the right one at all"}
    await client.post("/auth/login", json=login, headers={"X-Forwarded-For": "203.0.113.77"})
    await client.post("/auth/login", json=login | {"password": mine.password})
    listed = (await client.get("/auth/security-events", headers=mine.headers)).json()["items"]
    kinds = [event["kind"] for event in listed]
    assert kinds[-1] == "user.registered"
    assert kinds.index("login.succeeded") < kinds.index("login.failed")
    failed = next(event for event in listed if event["kind"] == "login.failed")
    assert failed["ip"] == "203.0.113.77"
    others = (await client.get("/auth/security-events", headers=other.headers)).json()["items"]
    assert [event["kind"] for event in others] == ["user.registered"]


async def test_the_trail_is_read_page_by_page(client: httpx.AsyncClient, account: Any) -> None:
    for _ in range(4):
        await client.post("/auth/login", json={"email": account.email, "password": account.password})
    every = (await client.get("/auth/security-events", headers=account.headers)).json()["items"]
    paged: list[str] = []
    cursor = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = (await client.get("/auth/security-events", params=params, headers=account.headers)).json()
        assert len(answer["items"]) <= 2
        paged += [event["id"] for event in answer["items"]]
        cursor = answer["nextCursor"]
        if cursor is None:
            break
    assert paged == [event["id"] for event in every]


async def test_the_trail_needs_its_owner(client: httpx.AsyncClient) -> None:
    assert (await client.get("/auth/security-events")).status_code == 401
    made_up = {"Authorization": "Bearer a.b.c"}
    assert (await client.get("/auth/security-events", headers=made_up)).status_code == 401
