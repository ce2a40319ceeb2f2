"""The page to sign in, as a browser without JavaScript goes through it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
from sso_standins.apps import App

import sso.app
from common.testing.forms import form
from common.testing.served import served
from sso.settings import Settings

OURS = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}
AUTHORIZE = "/oauth2/authorize?client_id=x&login_hint=ada%40example.org&ui_locales=fr+de"


async def sign_in(client: httpx.AsyncClient, email: str, password: str, *, query: str = "") -> httpx.Response:
    page = await client.get(f"/auth/ui/login{query}")
    fields = {"email": email, "password": password}
    return await client.post(form(page.text).action, data=fields, headers=OURS)


async def test_a_sign_in_leaves_a_cookie_and_goes_on(client: httpx.AsyncClient, account: Any) -> None:
    answer = await sign_in(client, account.email, account.password, query="?continue=/auth/ui/x%3Fa%3D1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/x?a=1")
    assert answer.headers["set-cookie"].startswith("__Host-resumax_refresh=")
    client.cookies.clear()


@pytest.mark.parametrize(
    "target",
    ["https://evil.test", "//evil.test", "/\\evil.test", "/%2e%2e//evil.test", "javascript:alert(1)"],
)
async def test_no_sign_in_leads_elsewhere(client: httpx.AsyncClient, account: Any, target: str) -> None:
    # SECURITY 17
    answer = await sign_in(client, account.email, account.password, query=f"?continue={quote(target)}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")
    client.cookies.clear()


async def test_a_refused_sign_in_says_the_same_whatever_the_reason_and_keeps_no_password(
    client: httpx.AsyncClient, account: Any
) -> None:
    # SECURITY 5
    refused = await sign_in(client, account.email, "wrong-and-secret", query="?continue=/x")
    unknown = await sign_in(client, "nobody@example.org", "wrong-and-secret", query="?continue=/x")
    assert (refused.status_code, unknown.status_code) == (400, 400)
    assert 'role="alert"' in refused.text
    assert refused.text.replace(account.email, "") == unknown.text.replace("nobody@example.org", "")
    assert "wrong-and-secret" not in refused.text
    again = form(refused.text)
    assert again.action == "/auth/ui/login?continue=%2Fx"
    assert again.fields == {"email": account.email, "password": ""}


async def test_what_is_missing_is_said_beside_its_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/auth/ui/login", data={"email": "ada"}, headers=OURS)
    assert answer.status_code == 400
    for name in ("email", "password"):
        assert f'aria-invalid="true" aria-describedby="{name}-wrong"' in answer.text
        assert f'id="{name}-wrong"' in answer.text


async def test_who_is_signed_in_already_is_sent_on(client: httpx.AsyncClient, account: Any) -> None:
    await sign_in(client, account.email, account.password)
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    client.cookies.clear()
    for page in ("login", "register"):
        answer = await client.get(f"/auth/ui/{page}?continue=/x", headers=cookie)
        assert (answer.status_code, answer.headers["location"]) == (303, "/x")


async def test_an_app_may_say_who_signs_in_and_in_which_language(client: httpx.AsyncClient) -> None:
    page = await client.get(f"/auth/ui/login?continue={quote(AUTHORIZE)}", headers={"Accept-Language": "es"})
    assert form(page.text).fields["email"] == "ada@example.org"
    assert page.headers["content-language"] == "de"
    other = await client.get(
        "/auth/ui/login?continue=/x%3Flogin_hint%3Deve", headers={"Accept-Language": "es"}
    )
    assert form(other.text).fields["email"] == ""


async def test_password_managers_find_their_way(client: httpx.AsyncClient) -> None:
    page = (await client.get("/auth/ui/login")).text
    assert 'autocomplete="username webauthn"' in page
    assert 'autocomplete="current-password"' in page


async def test_forms_of_other_sites_sign_nobody_in(client: httpx.AsyncClient, account: Any) -> None:
    # SECURITY 14
    fields = {"email": account.email, "password": account.password}
    for headers in ({}, {"Origin": "https://evil.test"}, OURS | {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post("/auth/ui/login", data=fields, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_who_tries_too_often_is_told_when_to_come_back(
    sso_settings: Callable[..., Settings],
) -> None:
    limits = {"POST /auth/ui/login": {"count": 1, "window": 86400}}
    async with served(sso.app.create_app(sso_settings(rate_limits=limits))) as client:
        await client.post("/auth/ui/login", data={}, headers=OURS)
        answer = await client.post("/auth/ui/login", data={}, headers=OURS)
        assert answer.status_code == 429
        assert "Too many attempts" in answer.text


async def test_the_policy_of_the_forms_lets_through_what_the_app_has_registered_and_nothing_else(
    client: httpx.AsyncClient, app: App
) -> None:
    """Chrome holds the redirects after a form against `form-action` too."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(app.redirect_uri))
    for changes, targets in [
        ({}, f"form-action 'self' {origin}"),
        ({"redirect_uri": "https://evil.test/"}, "form-action 'self'"),
        ({"client_id": "nobody"}, "form-action 'self'"),
    ]:
        request = f"/oauth2/authorize?{urlencode(app.asks(**changes))}"
        for page in ("login", "register"):
            answer = await client.get(f"/auth/ui/{page}?{urlencode({'continue': request})}")
            assert answer.headers["content-security-policy"].endswith(targets), changes
