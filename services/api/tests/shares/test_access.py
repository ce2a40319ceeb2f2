"""Who sees what a link shows, and for how long."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

import api
from api.app import create_app
from api.settings import Settings
from common.ids import new_id, now
from common.schemas import rfc3339
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served

Owner = dict[str, str]
PASSWORD = "between you and me"


async def entered(client: httpx.AsyncClient, share: Any, password: str, **headers: str) -> httpx.Response:
    """Send the form of the page."""
    return await client.post(f"/r/{share['slug']}", data={"password": password}, headers=headers)


def same(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """All that a visitor sees of an answer, but for its id and time."""
    own = {"x-request-id", "date"}
    return answer.status_code, answer.text, {k: v for k, v in answer.headers.items() if k not in own}


async def test_links_that_do_not_work_cannot_be_told_from_those_that_never_were(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, opened: Any
) -> None:
    revoked, trashed = await make_share(), await make_share(path := await make_resume())
    expired = await make_share(password=PASSWORD)
    soon = {"expiresAt": rfc3339(now() + timedelta(milliseconds=200))}
    await client.patch(f"/api/v1/shares/{expired['id']}", json=soon, headers=owner)
    spent = await make_share(maxViews=1)
    assert (await opened(spent)).status_code == 200
    await client.delete(f"/api/v1/shares/{revoked['id']}", headers=owner)
    await client.delete(path, headers=owner)
    await asyncio.sleep(0.2)
    for what in ("", "/resume.pdf", "/og.png"):
        never = await opened("n" * 32, what)
        assert never.status_code == 404
        for share in (revoked, trashed, expired, spent):
            assert same(await opened(share, what)) == same(never), (share, what)
    assert (await opened("x")).status_code == (await opened("a%00b")).status_code == 404
    for share in (revoked, expired, trashed, {"slug": "n" * 32}):
        assert (await entered(client, share, PASSWORD)).status_code == 404
        program = await client.get(f"/api/v1/shared/{share['slug']}")
        assert (program.status_code, program.json()["detail"]) == (404, "Link not found")


async def test_the_password_opens_the_page_and_nothing_else_does(
    client: httpx.AsyncClient, make_share: Any, opened: Any
) -> None:
    share = await make_share(password=PASSWORD, allowDownload=True)
    form = await opened(share)
    assert form.status_code == 200
    assert "This resume asks for a password" in form.text
    assert "Lovelace" not in form.text
    assert "noindex" in form.headers["x-robots-tag"]
    wrong = await entered(client, share, "not the password")
    assert (wrong.status_code, wrong.cookies.jar.__len__()) == (403, 0)
    assert "Lovelace" not in wrong.text
    assert (await opened(share, "/resume.pdf")).headers["location"] == f"/r/{share['slug']}"
    right = await entered(client, share, PASSWORD)
    assert (right.status_code, right.headers["location"]) == (303, f"/r/{share['slug']}")
    assert "Ada Lovelace" in (await opened(share)).text
    client.cookies.clear()
    assert "Lovelace" not in (await opened(share)).text


async def test_the_cookie_of_a_visitor_is_the_hosts_and_out_of_reach(
    settings_for: MakeSettings, settings: Settings, make_share: Any
) -> None:
    # SECURITY 11
    share = await make_share(password=PASSWORD)
    public: Settings = settings_for(
        Settings, api.__file__, public_url="https://resumax.example", database_url=settings.database_url
    )
    async with served(create_app(public)) as client:
        answer = await entered(client, share, PASSWORD, Origin="https://resumax.example")
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        assert re.match(r"__Host-resumax_share_[0-9a-f]{16}=rmxs_[\w-]+; ", cookie)
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "domain" not in cookie.lower()


async def test_a_form_of_somebody_elses_page_is_refused(client: httpx.AsyncClient, make_share: Any) -> None:
    # SECURITY 14
    share = await make_share(password=PASSWORD)
    for origin in ("https://evil.example", "null"):
        assert (await entered(client, share, PASSWORD, Origin=origin)).status_code == 403


async def test_a_program_shows_the_password_once_and_a_token_from_then_on(
    client: httpx.AsyncClient, make_share: Any
) -> None:
    path = f"/api/v1/shared/{(share := await make_share(password=PASSWORD, allowComments=True))['slug']}"
    other = await make_share(password=PASSWORD)
    refused = await client.get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "SHARE_PASSWORD_REQUIRED")
    for body in ({}, {"password": "not the password"}, {"password": None}):
        wrong = await client.post(f"{path}/access", json=body)
        assert (wrong.status_code, wrong.json()["code"]) == (403, "SHARE_PASSWORD_WRONG")
    given = (await client.post(f"{path}/access", json={"password": PASSWORD})).json()
    assert given["expiresIn"] == 8 * 3600
    for headers in ({"X-Share-Token": given["token"]}, {"Authorization": f"Bearer {given['token']}"}):
        shown = await client.get(path, headers=headers)
        assert shown.status_code == 200, shown.text
        assert shown.json()["title"] == "Ada Lovelace"
        assert shown.json()["permissions"] == {"download": False, "comments": True}
    foreign = await client.get(f"/api/v1/shared/{other['slug']}", headers={"X-Share-Token": given["token"]})
    assert foreign.status_code == 403
    for bad in (given["token"][:-1] + ("A" if given["token"][-1] != "A" else "B"), "rmxs_", "x", "rmxs_%%%"):
        assert (await client.get(path, headers={"X-Share-Token": bad})).status_code == 403
    assert share["hasPassword"] is True


@pytest.mark.parametrize("how", ["revoked", "password", "no password but once", "expired", "spent"])
async def test_what_ends_a_link_ends_it_at_once_at_every_replica_for_those_admitted_before(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: Owner, make_share: Any, how: str
) -> None:
    share = await make_share(password=PASSWORD)
    path, address = f"/api/v1/shared/{share['slug']}", f"/api/v1/shares/{share['id']}"
    token = (await client.post(f"{path}/access", json={"password": PASSWORD})).json()["token"]
    headers = {"X-Share-Token": token}
    for each in (client, replica):
        assert (await each.get(path, headers=headers)).status_code == 200
    status = 404
    if how == "revoked":
        await client.delete(address, headers=owner)
    elif how == "expired":
        soon = rfc3339(now() + timedelta(milliseconds=100))
        assert (await client.patch(address, json={"expiresAt": soon}, headers=owner)).status_code == 200
        await asyncio.sleep(0.1)
    elif how == "spent":
        await client.patch(address, json={"maxViews": 1_000}, headers=owner)
        assert (await replica.get(path, headers=headers)).status_code == 200
        await client.patch(address, json={"maxViews": 1}, headers=owner)
    else:
        if how == "no password but once":
            await client.patch(address, json={"password": None}, headers=owner)
            assert (await replica.get(path)).status_code == 200
        await client.patch(address, json={"password": "another password"}, headers=owner)
        status = 403
    for each in (replica, client):
        assert (await each.get(path, headers=headers)).status_code == status


async def test_a_link_opens_exactly_as_often_as_it_may(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: Owner, make_share: Any
) -> None:
    share = await make_share(maxViews=10)
    browser = {"User-Agent": "Mozilla/5.0 Firefox/140.0"}
    opening = [
        each.get(f"/r/{share['slug']}", headers=browser) for each in (client, replica) for _ in range(25)
    ]
    answers = await asyncio.gather(*opening)
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [404] * 40
    assert sum("Ada Lovelace" in answer.text for answer in answers) == 10
    read = (await client.get(f"/api/v1/shares/{share['id']}", headers=owner)).json()
    assert (read["opens"], read["status"]) == (10, "spent")
    assert (await client.get(f"/api/v1/shared/{share['slug']}")).status_code == 404


async def test_what_nobody_sees_uses_up_no_view(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, opened: Any
) -> None:
    share = await make_share(maxViews=1)
    bot = await client.get(f"/r/{share['slug']}", headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
    assert bot.status_code == 200
    assert "Lovelace" not in bot.text
    assert 'property="og:image"' in bot.text
    assert (await opened(share, headers={"Sec-Purpose": "prefetch"})).status_code == 503
    assert (await client.head(f"/r/{share['slug']}")).status_code == 200
    assert (await opened(share, "/og.png")).status_code == 200
    assert "Ada Lovelace" in (await opened(share)).text
    assert (await opened(share)).status_code == 404


Limited = Callable[[], Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def limited(settings_for: MakeSettings) -> AsyncIterator[httpx.AsyncClient]:
    """A service that counts."""
    cheap = {"argon2_memory_kib": 19 * 1024, "argon2_time": 2, "argon2_parallelism": 1}
    counting: Settings = settings_for(Settings, api.__file__, rate_limits={}, **cheap)
    async with served(create_app(counting)) as client:
        yield client


async def test_passwords_are_guessed_only_so_often_and_then_even_the_right_one_waits(
    limited: httpx.AsyncClient, issuer: Issuer
) -> None:
    owner = issuer.headers("api", user_id=new_id())
    path = (await limited.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).headers["location"]
    share = (await limited.post(f"{path}/shares", json={"password": PASSWORD}, headers=owner)).json()
    other = (await limited.post(f"{path}/shares", json={"password": PASSWORD}, headers=owner)).json()
    tries = [(await entered(limited, share, "not the password")).status_code for _ in range(10)]
    assert tries == [403] * 10
    first, right = await entered(limited, share, "not the password"), await entered(limited, share, PASSWORD)
    assert (first.status_code, right.status_code) == (429, 429)
    assert (first.text, right.cookies.jar.__len__()) == (right.text, 0)
    assert int(right.headers["retry-after"]) > 0
    program = await limited.post(f"/api/v1/shared/{share['slug']}/access", json={"password": PASSWORD})
    assert (program.status_code, program.json()["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert (await entered(limited, other, PASSWORD)).status_code == 303
