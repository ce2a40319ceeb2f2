from collections.abc import Callable
from typing import Any

import httpx
import pytest

import sso.app
from common.testing.served import served
from sso.settings import Settings

OURS = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}
NAME = "__Host-resumax_refresh"


async def login(client: httpx.AsyncClient, account: Any, **headers: str) -> httpx.Response:
    body = {"email": account.email, "password": account.password, "useCookie": True}
    return await client.post("/auth/login", json=body, headers=headers)


def cookie_of(answer: httpx.Response) -> tuple[str, str]:
    """The Set-Cookie header, and the value in it."""
    header = answer.headers["set-cookie"]
    return header, header.split(";")[0].partition("=")[2]


async def refresh(client: httpx.AsyncClient, value: str, **headers: str) -> httpx.Response:
    return await client.post("/auth/refresh", headers={"Cookie": f"{NAME}={value}", **headers})


async def test_with_a_cookie_the_refresh_token_is_out_of_reach_of_scripts(
    client: httpx.AsyncClient, account: Any
) -> None:
    answer = await login(client, account)
    client.cookies.clear()
    assert "refreshToken" not in answer.json()
    header, value = cookie_of(answer)
    assert header.startswith(f"{NAME}=")
    parts = {part.strip().lower() for part in header.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/", f"max-age={30 * 24 * 3600}"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    rotated = await refresh(client, value, **OURS)
    assert rotated.status_code == 200, rotated.text
    assert "refreshToken" not in rotated.json()
    assert cookie_of(rotated)[1] not in {"", value}
    client.cookies.clear()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": "https://resumax.test.evil.test"},
        {"Origin": "http://resumax.test"},
        {"Origin": "https://resumax.test:8443"},
        {"Origin": "https://resumax.test", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_cookie_counts_only_from_our_own_pages(
    client: httpx.AsyncClient, account: Any, headers: dict[str, str]
) -> None:
    _, value = cookie_of(await login(client, account))
    client.cookies.clear()
    refused = await refresh(client, value, **headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "ORIGIN_REFUSED")
    logout = await client.post("/auth/logout", headers={"Cookie": f"{NAME}={value}", **headers})
    assert logout.status_code == 403
    assert (await refresh(client, value, **OURS)).status_code == 200
    client.cookies.clear()


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_no_page_of_others_signs_a_browser_in(
    client: httpx.AsyncClient, account: Any, headers: dict[str, str]
) -> None:
    refused = await login(client, account, **headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "ORIGIN_REFUSED")
    assert "set-cookie" not in refused.headers
    body = {"email": "new@example.org", "password": account.password, "name": "N", "useCookie": True}
    assert (await client.post("/auth/register", json=body, headers=headers)).status_code == 403


async def test_signing_out_by_cookie_clears_it(client: httpx.AsyncClient, account: Any) -> None:
    _, value = cookie_of(await login(client, account))
    client.cookies.clear()
    answer = await client.post("/auth/logout", headers={"Cookie": f"{NAME}={value}", **OURS})
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    client.cookies.clear()
    assert (await refresh(client, value, **OURS)).status_code == 401


async def test_with_a_stale_access_token_the_cookie_signs_out_from_our_own_pages_alone(
    client: httpx.AsyncClient, account: Any
) -> None:
    _, value = cookie_of(await login(client, account))
    client.cookies.clear()
    stale = {"Cookie": f"{NAME}={value}", "Authorization": "Bearer not.a.token"}
    refused = await client.post("/auth/logout", headers=stale | {"Origin": "https://evil.test"})
    assert (refused.status_code, refused.json()["code"]) == (403, "ORIGIN_REFUSED")
    assert (await client.post("/auth/logout", headers=stale | OURS)).status_code == 204
    client.cookies.clear()
    assert (await refresh(client, value, **OURS)).status_code == 401


async def test_over_http_on_this_machine_the_cookie_has_a_plain_name(
    sso_settings: Callable[..., Settings],
) -> None:
    local = sso_settings(public_url="http://localhost:8080", cors_origins=["http://localhost:5173"])
    async with served(sso.app.create_app(local)) as client:
        body = {"email": "a@example.org", "password": "correct horse battery", "name": "A", "useCookie": True}
        header, value = cookie_of(await client.post("/auth/register", json=body))
        assert header.startswith("resumax_refresh=")
        assert "secure" not in header.lower()
        client.cookies.clear()
        headers = {"Cookie": f"resumax_refresh={value}", "Origin": "http://localhost:5173"}
        assert (await client.post("/auth/refresh", headers=headers)).status_code == 200
