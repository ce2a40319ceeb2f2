"""What binds a sign-in to the browser and to the provider (SECURITY 20)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from common.db import Database
from common.ids import new_token, now
from sso import one_time
from sso.identities.models import OAuthState

from .browser import Browser, query_of
from .upstream import Upstream, person

STALE = "Please start again"


def returning(provider: str = "acme", **query: str) -> str:
    return f"/auth/oauth/{provider}/callback?{urlencode(query)}"


async def expect_stale(browser: Browser, url: str) -> None:
    answer = await browser.get(url)
    assert (answer.status_code, browser.is_signed_in) == (400, False)
    assert STALE in answer.text
    assert answer.headers["cache-control"] == "no-store"


# SECURITY 20
@pytest.mark.parametrize("state", ["", "x", "\x00", "é" * 100, "x" * 5000])
async def test_a_return_without_a_state_of_ours_is_refused(
    browser: Browser, upstream: Upstream, state: str
) -> None:
    code = query_of(await browser.go())["code"]
    await expect_stale(browser, returning(code=code, state=state))
    await expect_stale(browser, returning(code=code))


# SECURITY 20
async def test_a_return_is_good_once(browser: Browser, another_browser: Browser, upstream: Upstream) -> None:
    url = await browser.go()
    assert (await browser.get(url)).status_code == 303
    browser.cookies.pop("__Host-resumax_refresh")
    await expect_stale(browser, url)
    another_browser.cookies |= browser.cookies
    await expect_stale(another_browser, url)


# SECURITY 20
async def test_a_return_is_refused_in_another_browser(
    browser: Browser, another_browser: Browser, upstream: Upstream
) -> None:
    """Login CSRF: whoever makes somebody else open their return would sign them in to an account of theirs."""
    url = await browser.go()
    await expect_stale(another_browser, url)
    url = await browser.go()
    await another_browser.go()  # which has a cookie of its own by now
    await expect_stale(another_browser, url)
    # Used up by whoever tried: what was seen by others is worth nothing.
    await expect_stale(browser, url)


# SECURITY 20
async def test_a_return_is_refused_at_another_provider(
    browser: Browser, upstream: Upstream, other: Upstream
) -> None:
    """Mix-up: a code of one provider must not be shown to another."""
    url = await browser.go("acme")
    await expect_stale(browser, url.replace("/acme/", "/other/"))
    assert "token" not in other.requests
    await expect_stale(browser, url)


# SECURITY 20
async def test_a_return_is_refused_after_ten_minutes(
    browser: Browser, upstream: Upstream, database: Database
) -> None:
    url = await browser.go()
    state = one_time.sha256(query_of(url)["state"])
    async with database.write() as db:
        row = await db.scalar(
            update(OAuthState)
            .where(OAuthState.sha256 == state)
            .values(expires_at=now() - timedelta(seconds=1))
            .returning(OAuthState)
        )
    assert row is not None
    assert row.expires_at - row.created_at <= timedelta(minutes=10)
    await expect_stale(browser, url)


async def test_the_state_is_stored_as_a_hash(browser: Browser, database: Database) -> None:
    state = query_of((await browser.get("/auth/oauth/acme/start")).headers["location"])["state"]
    async with database.read() as db:
        row = await one_time.find(db, OAuthState, state)
    assert row is not None
    assert state not in str(vars(row))
    assert browser.cookies["__Host-resumax_oauth"] not in str(vars(row))


@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
async def test_a_parameter_that_is_there_twice_is_refused(
    browser: Browser, upstream: Upstream, name: str
) -> None:
    upstream.response = {"iss": upstream.url}
    url = await browser.go()
    first = query_of(url).get(name, "x")
    await expect_stale(
        browser, f"{url}&{urlencode({'error': 'x'} if name == 'error' else {})}&{name}={first}"
    )


async def test_sign_ins_in_several_tabs_do_not_disturb_each_other(
    browser: Browser, upstream: Upstream, other: Upstream
) -> None:
    tabs = [
        await browser.go("acme"),
        await browser.go("other"),
        await browser.go("acme", **{"continue": "/r/x"}),
    ]
    assert [(await browser.get(url)).headers["location"] for url in tabs] == [
        "/auth/ui/security",
        "/auth/ui/security",
        "/r/x",
    ]


# SECURITY 20
async def test_a_code_of_somebody_else_is_worth_nothing(
    browser: Browser, another_browser: Browser, upstream: Upstream
) -> None:
    """Code injection: a stolen code shown in the thief's own sign-in is refused by PKCE, and where the provider does
    not check that, by the nonce (RFC 9700 section 2.1.1)."""
    for ignores_pkce in (False, True):
        upstream.ignores_pkce = ignores_pkce
        stolen = query_of(await browser.go())["code"]
        thief = query_of(await another_browser.go())["state"]
        answer = await another_browser.get(returning(code=stolen, state=thief))
        assert (answer.status_code, another_browser.is_signed_in) == (400, False)
        assert "This sign-in did not work" in answer.text.replace("\u2060", "")


# SECURITY 20
@pytest.mark.parametrize("named", ["https://evil.test", "", "{url}/", "{url}?"])
async def test_a_return_that_names_another_issuer_is_refused(
    browser: Browser, upstream: Upstream, named: str
) -> None:
    """RFC 9207, which tells mixed-up providers apart before the code is shown to anybody."""
    upstream.response = {"iss": named.format(url=upstream.url)}
    url, upstream.requests = await browser.go(), []
    answer = await browser.get(url)
    assert (answer.status_code, browser.is_signed_in, upstream.requests) == (400, False, [])


async def test_a_return_that_names_the_right_issuer_is_good(browser: Browser, upstream: Upstream) -> None:
    upstream.response = {"iss": upstream.url, "session_state": "x", "scope": "openid"}
    assert (await browser.sign_in()).status_code == 303


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        ("access_denied", 400, "Nobody was signed in"),
        ("user_cancelled_login", 400, "Nobody was signed in"),
        ("temporarily_unavailable", 503, "does not answer right now"),
        ("invalid_scope", 400, "did not work"),
        ("<script>alert(1)</script>", 400, "did not work"),
    ],
)
async def test_an_error_of_the_provider_is_a_page_with_a_way_back(
    browser: Browser, upstream: Upstream, error: str, status: int, says: str
) -> None:
    upstream.response = {"code": None, "error": error, "error_description": "<b>words of others</b>"}
    answer = await browser.sign_in(**{"continue": "/oauth2/authorize?x=1"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert says in answer.text
    assert "words of others" not in answer.text
    assert "<script>alert" not in answer.text
    assert 'href="/auth/ui/login?continue=%2Foauth2%2Fauthorize%3Fx%3D1"' in answer.text


async def test_an_error_without_a_state_of_ours_is_refused_like_any_other(browser: Browser) -> None:
    await expect_stale(browser, returning(error="access_denied", state=new_token()))


async def test_a_return_without_a_code_is_refused(browser: Browser, upstream: Upstream) -> None:
    upstream.response = {"code": None}
    upstream.person = person()
    assert (await browser.sign_in()).status_code == 400
