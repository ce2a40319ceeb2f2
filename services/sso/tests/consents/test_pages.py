"""What an app may do is asked of its person, who may say no."""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from sso_standins.apps import App, RegisterApp, answered, cookie
from sso_standins.forms import FOREIGN, Form

from common.db import Database
from sso.consents import service
from sso.security_events.models import SecurityEvent

SCOPES = ["openid", "profile", "email", "offline_access", "resumes:read", "resumes:write"]


@pytest_asyncio.fixture
async def strange_app(register_app: RegisterApp) -> App:
    """An app of somebody else's."""
    return await register_app(
        name="Career board", is_first_party=False, scopes=SCOPES, home_uri="https://board.test/"
    )


async def asked(app: App, account: Any, **changes: str | None) -> httpx.Response:
    """The page that asks, after the app has sent somebody's browser to sign in."""
    sent = await app.authorize(account, **changes)
    assert sent.status_code == 303
    location = sent.headers["location"]
    assert location.startswith("/auth/ui/consent?continue="), location
    return await app.http.get(location, headers=cookie(account))


async def grants(database: Database, account: Any, app: App) -> frozenset[str]:
    async with database.read() as db:
        return await service.granted(db, UUID(account.id), app.id)


async def test_an_app_gets_nothing_before_its_person_has_allowed_it(
    client: httpx.AsyncClient, strange_app: App, account: Any, database: Database
) -> None:
    for _ in range(2):
        page = await asked(strange_app, account)
    assert page.status_code == 200
    for shown in ("Career board", account.email, "board.test", "app.test", "Read your resumes"):
        assert shown in page.text, shown
    assert "delete your resumes" not in page.text
    assert await grants(database, account, strange_app) == frozenset()
    allowed = await Form(page).send(client, cookie(account), decision="allow")
    assert allowed.status_code == 303
    assert allowed.headers["location"].startswith("/oauth2/authorize?")
    told = answered(await client.get(allowed.headers["location"], headers=cookie(account)))
    assert (await strange_app.redeem(told["code"])).status_code == 200
    assert answered(await strange_app.authorize(account)).keys() == {"code", "state", "iss"}


async def test_who_says_no_is_brought_back_and_the_app_is_told(
    client: httpx.AsyncClient, strange_app: App, account: Any, database: Database
) -> None:
    denied = await Form(await asked(strange_app, account)).send(client, cookie(account), decision="deny")
    told = answered(denied)
    assert denied.headers["location"].startswith(strange_app.redirect_uri + "?")
    assert (told["error"], told["state"]) == ("access_denied", "the-state")
    assert told["iss"] == "https://resumax.test"
    assert "code" not in told
    assert await grants(database, account, strange_app) == frozenset()
    async with database.read() as db:
        kinds = select(SecurityEvent.kind).where(SecurityEvent.user_id == UUID(account.id))
        assert "consent.denied" in set(await db.scalars(kinds))


async def test_only_what_is_new_is_asked(
    client: httpx.AsyncClient, strange_app: App, account: Any, database: Database
) -> None:
    first = await asked(strange_app, account, scope="openid resumes:read")
    await Form(first).send(client, cookie(account), decision="allow")
    second = await asked(strange_app, account, scope="openid resumes:read resumes:write")
    new, _, known = second.text.partition("already")
    assert "delete your resumes" in new
    assert "Read your resumes" not in new
    assert "Read your resumes" in known
    await Form(second).send(client, cookie(account), decision="allow")
    assert await grants(database, account, strange_app) == {"openid", "resumes:read", "resumes:write"}
    assert "code" in answered(await strange_app.authorize(account, scope="openid resumes:write"))


async def test_an_app_may_have_its_person_asked_again(
    client: httpx.AsyncClient, strange_app: App, account: Any
) -> None:
    await Form(await asked(strange_app, account)).send(client, cookie(account), decision="allow")
    again = await asked(strange_app, account, prompt="consent")
    allowed = await Form(again).send(client, cookie(account), decision="allow")
    told = answered(await client.get(allowed.headers["location"], headers=cookie(account)))
    assert "code" in told


# SECURITY 14
@pytest.mark.parametrize("headers", FOREIGN)
async def test_no_other_page_can_say_yes_in_somebodys_place(
    client: httpx.AsyncClient, strange_app: App, account: Any, database: Database, headers: dict[str, str]
) -> None:
    form = Form(await asked(strange_app, account))
    for decision in ("allow", "deny"):
        refused = await form.send(client, cookie(account), origin=headers, decision=decision)
        assert refused.status_code == 403
    assert await grants(database, account, strange_app) == frozenset()


async def test_a_yes_counts_for_the_account_and_the_scopes_that_the_page_showed(
    client: httpx.AsyncClient, strange_app: App, account: Any, register: Any, database: Database
) -> None:
    other = await register()
    form = Form(await asked(strange_app, account))
    by_other = await form.send(client, cookie(other), decision="allow")
    assert (by_other.status_code, by_other.headers["location"]) == (303, form.action)
    for changes in ({"scope": "openid"}, {"scope": ""}, {"account": ""}, {"decision": ""}, {"decision": "x"}):
        sent = await form.send(client, cookie(account), **({"decision": "allow"} | changes))
        assert (sent.status_code, sent.headers["location"]) == (303, form.action), changes
    assert await grants(database, account, strange_app) == frozenset()
    assert await grants(database, other, strange_app) == frozenset()


async def test_two_answers_at_once_are_both_kept(
    client: httpx.AsyncClient, strange_app: App, account: Any, database: Database
) -> None:
    forms = [
        Form(await asked(strange_app, account, scope=scope)) for scope in ("resumes:read", "resumes:write")
    ]
    await asyncio.gather(*(form.send(client, cookie(account), decision="allow") for form in forms))
    assert await grants(database, account, strange_app) == {"resumes:read", "resumes:write"}


async def test_who_is_not_signed_in_is_sent_to_sign_in(
    client: httpx.AsyncClient, strange_app: App, account: Any
) -> None:
    sent = await strange_app.authorize(account)
    answer = await client.get(sent.headers["location"])
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/ui/login?continue=%2Fauth%2Fui%2Fconsent")


@pytest.mark.parametrize(
    "waiting",
    [
        "",
        "https://evil.test/",
        "//evil.test/oauth2/authorize?client_id=x",
        "/auth/ui/security",
        "/oauth2/authorize",
        "/oauth2/authorize?client_id=nobody&redirect_uri=https://evil.test/",
        "/oauth2/authorize?client_id={app}&redirect_uri=https://evil.test/",
        "/oauth2/authorize?client_id={app}&redirect_uri={uri}&client_id=other",
        "/oauth2/authorize/../evil?client_id={app}&redirect_uri={uri}",
    ],
)
async def test_nobody_is_asked_or_sent_anywhere_for_what_is_no_good_request(
    client: httpx.AsyncClient, strange_app: App, account: Any, waiting: str
) -> None:
    waiting = waiting.format(app=strange_app.id, uri=strange_app.redirect_uri)
    address = f"/auth/ui/consent?continue={quote(waiting, safe='')}"
    page = await client.get(address, headers=cookie(account))
    assert page.status_code == 400
    assert "There is nothing to allow here" in page.text
    form = {"decision": "deny", "account": account.id, "scope": ""}
    sent = await client.post(address, data=form, headers=cookie(account) | {"Origin": "https://resumax.test"})
    assert sent.status_code == 400
    assert "location" not in sent.headers


async def test_nobody_is_asked_for_what_the_app_may_not_have(
    client: httpx.AsyncClient, strange_app: App, account: Any
) -> None:
    request = "&".join(f"{name}={quote(value)}" for name, value in strange_app.asks(scope="platform").items())
    address = f"/auth/ui/consent?continue={quote(f'/oauth2/authorize?{request}', safe='')}"
    sent = await client.get(address, headers=cookie(account))
    assert sent.status_code == 303
    told = answered(await client.get(sent.headers["location"], headers=cookie(account)))
    assert told["error"] == "invalid_scope"


async def test_the_page_lets_the_browser_follow_to_the_app_and_to_nobody_else(
    strange_app: App, account: Any
) -> None:
    policy = (await asked(strange_app, account)).headers["content-security-policy"]
    assert "form-action 'self' https://app.test;" in policy + ";"


async def test_what_an_app_is_called_stays_text(register_app: RegisterApp, account: Any) -> None:
    app = await register_app(
        name='<script>alert("1")</script>{{ 7*7 }}', is_first_party=False, home_uri="https://board.test/"
    )
    page = (await asked(app, account)).text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
