"""A code goes to an app that cannot prove what it is only when its person has just said so (RFC 8252 section 8.6)."""

import html
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
import pytest_asyncio
from sso_standins.apps import App, RegisterApp, answered, cookie, s256
from sso_standins.forms import Form

from common.ids import now
from sso.authorizations import confirmations
from sso.clients.models import PUBLIC

MOBILE = "com.example.app:/callback"
LOOPBACK = "http://127.0.0.1:49152/callback"
LOCALHOST = "http://localhost:3000/callback"
SCOPE = "openid platform"


@pytest_asyncio.fixture
async def ours(register_app: RegisterApp) -> App:
    """A native app of our own."""
    uris = [MOBILE, "http://127.0.0.1/callback", LOCALHOST, "https://resumax.test/", "https://app.test/"]
    return await register_app(
        kind=PUBLIC, name="resuMAX mobile", redirect_uris=uris, scopes=SCOPE.split(), is_first_party=True
    )


def is_asked(answer: httpx.Response) -> bool:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].startswith("/auth/ui/consent?continue=")


# RFC 8252 section 8.6
@pytest.mark.parametrize("uri", [MOBILE, LOOPBACK, LOCALHOST])
async def test_a_native_app_of_our_own_gets_nothing_that_its_person_has_not_confirmed_each_time(
    ours: App, account: Any, uri: str
) -> None:
    for _ in range(2):
        assert is_asked(await ours.authorize(account, redirect_uri=uri, scope=SCOPE))
        silent = await ours.authorize(account, redirect_uri=uri, scope=SCOPE, prompt="none")
        assert answered(silent)["error"] == "consent_required"
        told = await ours.confirmed(account, redirect_uri=uri, scope=SCOPE)
        assert told.headers["location"].startswith(f"{uri}?code=")
        given = await ours.redeem(answered(told)["code"], redirect_uri=uri)
        assert given.json()["scope"] == SCOPE


@pytest.mark.parametrize("uri", ["https://resumax.test/", "https://app.test/"])
async def test_a_front_end_of_our_own_on_the_web_asks_nobody(ours: App, account: Any, uri: str) -> None:
    for prompt in (None, "none"):
        assert "code" in answered(await ours.authorize(account, redirect_uri=uri, scope=SCOPE, prompt=prompt))


async def test_a_native_app_of_others_is_confirmed_each_time_too(
    register_app: RegisterApp, account: Any
) -> None:
    app = await register_app(kind=PUBLIC, redirect_uris=[MOBILE], is_first_party=False)
    for _ in range(2):
        assert "code" in answered(await app.confirmed(account))
    assert answered(await app.authorize(account, prompt="none"))["error"] == "consent_required"


async def test_the_page_asks_in_words_and_a_no_reaches_the_app(
    ours: App, account: Any, client: httpx.AsyncClient
) -> None:
    asking = await ours.authorize(account, redirect_uri=MOBILE, scope=SCOPE)
    page = await client.get(asking.headers["location"], headers=cookie(account))
    assert "Continue to resuMAX mobile?" in html.unescape(page.text)
    assert "Do everything that you can do yourself" not in page.text
    assert set(Form(page).buttons.values()) == {"Continue", "Cancel"}
    denied = await Form(page).send(client, cookie(account), decision="deny")
    assert denied.headers["location"].startswith(f"{MOBILE}?error=access_denied")
    # What was confirmed for one of our own is in no list of what others may do.
    await ours.confirmed(account, redirect_uri=MOBILE, scope=SCOPE)
    granted = await client.get("/auth/consents", headers=account.headers)
    assert granted.json()["items"] == []


async def test_a_confirmation_asked_for_by_the_app_itself_is_asked_for_once(ours: App, account: Any) -> None:
    told = await ours.confirmed(account, redirect_uri=MOBILE, scope=SCOPE, prompt="consent")
    assert "code" in answered(told)


@pytest.mark.parametrize("change", ["challenge", "state", "forged", "other session", "old"])
async def test_a_confirmation_counts_for_one_request_in_one_session_for_two_minutes(
    ours: App,
    account: Any,
    register: Any,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    asking = await ours.authorize(account, redirect_uri=MOBILE, scope=SCOPE)
    page = await client.get(asking.headers["location"], headers=cookie(account))
    allowed = await Form(page).send(client, cookie(account), decision="allow")
    query = parse_qs(urlsplit(allowed.headers["location"]).query)
    asked = {name: values[0] for name, values in query.items()}
    changes = {
        "challenge": {"code_challenge": s256("v" * 43)},
        "state": {"state": "another"},
        "forged": {"confirmed": f"{int(now().timestamp())}.{'A' * 32}"},
    }.get(change, {})
    if change == "old":
        monkeypatch.setattr(confirmations, "GOOD_FOR", -confirmations.GOOD_FOR)
    who = await register() if change == "other session" else account
    query_of = "&".join(f"{name}={quote(value, safe='')}" for name, value in (asked | changes).items())
    assert is_asked(await client.get(f"/oauth2/authorize?{query_of}", headers=cookie(who)))
