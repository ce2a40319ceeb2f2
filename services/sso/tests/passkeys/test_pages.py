"""What the forms of passkeys are sent to, as the script on our pages sends them."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

import sso.app
from common.testing.forms import form
from common.testing.served import served
from sso.settings import Settings

OURS = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}
FORMS = ("login", "mfa", "step-up", "register")


class Browser:
    """Keeps the cookies that our own pages set, which are for https alone."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.cookies: dict[str, str] = {}

    async def send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self._http.request(method, path, headers=OURS | {"Cookie": held}, **sent)
        self._http.cookies.clear()
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    async def get(self, path: str) -> httpx.Response:
        return await self.send("GET", path)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.send("POST", path, data=fields)

    async def options(self, form: str) -> dict[str, Any]:
        answer = await self.post(f"/auth/ui/passkey/{form}/options")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def by_password(self, account: Any) -> httpx.Response:
        return await self.post("/auth/ui/login", email=account.email, password=account.password)


@pytest_asyncio.fixture
async def browser(client: httpx.AsyncClient) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as http:
        yield Browser(http)


async def test_a_passkey_signs_a_browser_in_and_goes_on(
    browser: Browser, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    shown = form((await browser.get("/auth/ui/login?continue=/auth/ui/x")).text, "/auth/ui/passkey/login")
    assert shown.fields == {"credential": ""}
    credential = json.dumps(authenticator.get(await browser.options("login")))
    answer = await browser.post(shown.action, credential=credential)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/x")
    assert browser.cookies["__Host-resumax_refresh"]
    assert account.email in (await browser.get("/auth/ui/security")).text
    again = await browser.post(shown.action, credential=credential)
    assert again.status_code == 400
    assert "This passkey does not work here" in again.text
    assert 'href="/auth/ui/login?continue=%2Fauth%2Fui%2Fx"' in again.text


async def test_a_passkey_is_the_second_factor_of_a_browser_s_sign_in(
    browser: Browser, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    answer = await browser.by_password(account)
    assert answer.headers["location"] == "/auth/ui/mfa"
    shown = form((await browser.get("/auth/ui/mfa")).text, "/auth/ui/passkey/mfa")
    options = await browser.options("mfa")
    assert len(options["allowCredentials"]) == 1
    wrong = await browser.post(
        shown.action, credential=json.dumps(authenticator.get(await browser.options("login")))
    )
    assert wrong.status_code == 400
    assert 'href="/auth/ui/mfa"' in wrong.text
    answer = await browser.post(shown.action, credential=json.dumps(authenticator.get(options)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")
    assert account.email in (await browser.get("/auth/ui/security")).text


async def test_a_sign_in_that_waits_no_more_leads_back_to_its_beginning(browser: Browser) -> None:
    assert (await browser.post("/auth/ui/passkey/mfa/options")).status_code == 400
    answer = await browser.post("/auth/ui/passkey/mfa?continue=/x", credential="{}")
    assert answer.status_code == 400
    assert 'href="/auth/ui/login?continue=%2Fx"' in answer.text


async def test_the_first_passkey_of_a_browser_shows_recovery_codes_and_the_next_leads_back(
    browser: Browser, passkeys: Any, account: Any, new_authenticator: Any
) -> None:
    await browser.by_password(account)
    shown = form((await browser.get("/auth/ui/security/passkeys/new")).text, "/auth/ui/passkey/register")
    assert shown.fields == {"name": "", "credential": ""}
    first = new_authenticator()
    credential = json.dumps(first.create(await browser.options("register")))
    done = await browser.post(shown.action, credential=credential, name="My key")
    assert done.status_code == 200
    assert done.text.count("<li>") >= 10
    assert "Your passkey is added." in done.text
    assert [passkey["name"] for passkey in await passkeys.listed(account)] == ["My key"]
    # The session has shown one factor, and the account has two now.
    detour = await browser.post("/auth/ui/passkey/register")
    assert detour.headers["location"].startswith("/auth/ui/step-up?continue=")
    assert (await browser.post("/auth/ui/passkey/register/options")).status_code == 401
    shown = form((await browser.get(detour.headers["location"])).text, "/auth/ui/passkey/step-up")
    confirmed = json.dumps(first.get(await browser.options("step-up")))
    answer = await browser.post(shown.action, credential=confirmed)
    assert answer.headers["location"] == "/auth/ui/security/passkeys/new"
    credential = json.dumps(new_authenticator().create(await browser.options("register")))
    answer = await browser.post("/auth/ui/passkey/register", credential=credential, name=" ")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/auth/ui/security?done=passkey#passkeys",
    )
    overview = (await browser.get("/auth/ui/security")).text
    assert "My key" in overview


async def test_a_passkey_that_cannot_be_added_is_said_on_a_page(
    browser: Browser, passkeys: Any, account: Any, new_authenticator: Any
) -> None:
    authenticator = await passkeys.added(account)
    await browser.post(
        "/auth/ui/passkey/login", credential=json.dumps(authenticator.get(await browser.options("login")))
    )
    for credential, title in (
        (authenticator.create(await browser.options("register")), "This passkey was added before"),
        (
            authenticator.create(await browser.options("login") | {"user": {"id": "AA"}}),
            "The passkey was not added",
        ),
        ({}, "The passkey was not added"),
    ):
        answer = await browser.post("/auth/ui/passkey/register", credential=json.dumps(credential))
        assert answer.status_code in {400, 409}
        assert title in answer.text
        assert 'href="/auth/ui/security/passkeys/new"' in answer.text


async def test_a_browser_that_nobody_is_signed_in_with_is_sent_to_sign_in(browser: Browser) -> None:
    answer = await browser.get("/auth/ui/security/passkeys/new")
    assert answer.headers["location"] == "/auth/ui/login?continue=%2Fauth%2Fui%2Fsecurity%2Fpasskeys%2Fnew"
    for path in ("step-up", "register"):
        for suffix in ("", "/options"):
            answer = await browser.post(f"/auth/ui/passkey/{path}{suffix}")
            assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/login")


@pytest.mark.parametrize("path", [f"{form}{suffix}" for form in FORMS for suffix in ("", "/options")])
async def test_forms_of_other_pages_are_refused(client: httpx.AsyncClient, path: str) -> None:  # SECURITY 14
    for headers in (
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        OURS | {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = await client.post(f"/auth/ui/passkey/{path}", headers=headers)
        assert answer.status_code == 403, (path, headers)


async def test_what_is_no_credential_gets_a_page_and_never_a_crash(
    browser: Browser, passkeys: Any, account: Any
) -> None:
    await passkeys.added(account)
    await browser.by_password(account)
    hostile = [
        "",
        "{",
        "[]",
        "null",
        "\x00",
        "\ud7ff",
        "[" * 15_000,
        '{"id":' * 2500,
        '{"id":1}',
        '"' + "x" * 60_000,
    ]
    for path in ("login", "mfa"):
        for credential in hostile:
            answer = await browser.post(f"/auth/ui/passkey/{path}", credential=credential)
            assert answer.status_code == 400, (path, credential[:20], answer.text)
            assert answer.headers["content-type"].startswith("text/html")
        await browser.by_password(account)


async def test_forms_are_limited_by_address(sso_settings: Callable[..., Settings]) -> None:
    limits = {"POST /auth/ui/passkey/login": {"count": 1, "window": 3600}}
    async with served(sso.app.create_app(sso_settings(rate_limits=limits))) as client:
        answers = [await client.post("/auth/ui/passkey/login", headers=OURS) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [400, 429]
        assert answers[1].headers["content-type"].startswith("text/html")


async def test_the_script_is_ours_and_kept_by_browsers(client: httpx.AsyncClient) -> None:
    page = await client.get("/auth/ui/login")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    [address] = [
        part.split('"')[0] for part in page.text.split('src="') if part.startswith("/auth/ui/passkeys.js")
    ]
    script = await client.get(address)
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["x-content-type-options"] == "nosniff"
    other = await client.get("/auth/ui/passkeys.js")
    assert (other.text, other.headers["cache-control"]) == (script.text, "no-cache")
