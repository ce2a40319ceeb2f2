from typing import Any

import httpx

from common.testing.fixtures import eventually

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"


async def ends(client: httpx.AsyncClient, headers: dict[str, str], *, within: float = 1.0) -> None:
    async def refused() -> bool:
        return (await client.get("/auth/me", headers=headers)).status_code == 401

    await eventually(refused, within=within)


async def login(client: httpx.AsyncClient, account: Any, agent: str = "") -> dict[str, Any]:
    body = {"email": account.email, "password": account.password}
    answer = await client.post("/auth/login", json=body, headers={"User-Agent": agent})
    tokens: dict[str, Any] = answer.json()
    return tokens | {"headers": {"Authorization": f"Bearer {tokens['accessToken']}"}}


async def test_signing_out_ends_this_session_and_no_other(client: httpx.AsyncClient, account: Any) -> None:
    other = await login(client, account)
    assert (await client.post("/auth/logout", headers=account.headers)).status_code == 204
    await ends(client, account.headers)
    refresh = await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})
    assert (refresh.status_code, refresh.json()["code"]) == (401, "TOKEN_INVALID")
    assert (await client.get("/auth/me", headers=other["headers"])).status_code == 200


async def test_a_refresh_token_is_enough_to_sign_out(client: httpx.AsyncClient, account: Any) -> None:
    body = {"refreshToken": account.refresh_token}
    assert (await client.post("/auth/logout", json=body)).status_code == 204
    assert (await client.post("/auth/logout", json=body)).status_code == 204
    await ends(client, account.headers)


async def test_an_access_token_that_is_no_longer_good_does_not_keep_anybody_signed_in(
    client: httpx.AsyncClient, account: Any
) -> None:
    stale = {"Authorization": "Bearer not.a.token"}
    alone = await client.post("/auth/logout", headers=stale)
    assert (alone.status_code, alone.json()["code"]) == (401, "UNAUTHORIZED")
    assert (await client.get("/auth/me", headers=account.headers)).status_code == 200
    body = {"refreshToken": account.refresh_token}
    assert (await client.post("/auth/logout", json=body, headers=stale)).status_code == 204
    await ends(client, account.headers)


async def test_signing_out_everywhere_ends_every_session(client: httpx.AsyncClient, account: Any) -> None:
    other = await login(client, account)
    assert (await client.post("/auth/logout-all", headers=account.headers)).status_code == 204
    await ends(client, account.headers)
    await ends(client, other["headers"])
    for token in (account.refresh_token, other["refreshToken"]):
        assert (await client.post("/auth/refresh", json={"refreshToken": token})).status_code == 401


async def test_sessions_are_listed_as_devices_and_ended_one_by_one(
    client: httpx.AsyncClient, account: Any
) -> None:
    await login(client, account, IPHONE)
    current = await login(client, account, FIREFOX)
    listed = (await client.get("/auth/sessions", headers=current["headers"])).json()
    assert listed["nextCursor"] is None
    devices = [(s["browser"], s["os"], s["device"], s["current"]) for s in listed["items"]]
    assert devices[:2] == [("Firefox", "Linux", "computer", True), ("Safari", "iOS", "phone", False)]
    assert listed["items"][0]["ip"] == "127.0.0.1"
    first = listed["items"][-1]["id"]
    path = f"/auth/sessions/{first}"
    assert (await client.delete(path, headers=current["headers"])).status_code == 204
    await ends(client, account.headers)
    assert (await client.delete(path, headers=current["headers"])).status_code == 404
    left = (await client.get("/auth/sessions", headers=current["headers"])).json()["items"]
    assert first not in [session["id"] for session in left]


async def test_an_agent_that_says_nothing_usable_is_stored_cut(
    client: httpx.AsyncClient, account: Any
) -> None:
    session = await login(client, account, "x" * 400)
    listed = (await client.get("/auth/sessions", headers=session["headers"])).json()["items"]
    assert (listed[0]["browser"], listed[0]["os"], listed[0]["device"]) == ("unknown",) * 3
