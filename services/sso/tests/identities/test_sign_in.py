"""Signing in at another provider: who somebody is here."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from sqlalchemy import func, select, update

from common.db import Database
from common.testing.fixtures import eventually
from sso.identities.models import Identity, OAuthState
from sso.security_events.models import SecurityEvent
from sso.users.models import SUSPENDED, User

from .browser import Browser, query_of
from .upstream import Upstream, person


async def kinds(database: Database, user_id: str) -> list[str]:
    async with database.read() as db:
        events = select(SecurityEvent.kind).where(SecurityEvent.user_id == UUID(user_id))
        return list(await db.scalars(events.order_by(SecurityEvent.id)))


async def test_somebody_new_gets_an_account_with_a_verified_address_and_no_password(
    browser: Browser, upstream: Upstream, database: Database, account_service: Any
) -> None:
    upstream.person = person(name="Grace Hopper", locale="de_AT")
    answer = await browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")
    me = await browser.me()
    assert (me["email"], me["emailVerified"]) == (upstream.person["email"], True)
    assert (me["name"], me["locale"]) == ("Grace Hopper", "de-AT")
    async with database.read() as db:
        user = await db.get_one(User, UUID(me["id"]))
    assert user.password_hash is None
    assert await kinds(database, me["id"]) == ["user.registered", "login.succeeded"]

    async def profiles() -> list[Any]:
        return [call for call in account_service[0].calls if call[0] == me["id"]]

    assert (await eventually(profiles))[0][1]["email"] == upstream.person["email"]


async def test_what_is_sent_to_the_provider_is_state_nonce_and_pkce_and_nothing_personal(
    browser: Browser, upstream: Upstream
) -> None:
    started = await browser.get("/auth/oauth/acme/start")
    asked = query_of(started.headers["location"])
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked.keys() == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip
    assert asked["redirect_uri"] == "https://resumax.test/auth/oauth/acme/callback"
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid email profile", "S256")
    cookie = started.headers["set-cookie"]
    assert cookie.startswith("__Host-resumax_oauth=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert word in cookie
    assert "Domain" not in cookie


async def test_who_comes_again_is_known_by_issuer_and_subject_whatever_else_has_changed(
    browser: Browser, another_browser: Browser, upstream: Upstream
) -> None:
    """SECURITY 20"""
    await browser.sign_in()
    first = await browser.me()
    upstream.person |= {"email": "moved@example.org", "name": "Somebody", "email_verified": False}
    assert (await another_browser.sign_in()).status_code == 303
    again = await another_browser.me()
    assert (again["id"], again["email"], again["name"]) == (first["id"], first["email"], first["name"])
    identities = await another_browser.identities()
    assert [(found["email"], found["name"]) for found in identities] == [("moved@example.org", "Acme")]
    assert identities[0]["lastUsedAt"] > identities[0]["createdAt"]


async def test_the_same_subject_at_another_provider_is_somebody_else(
    browser: Browser, another_browser: Browser, upstream: Upstream, other: Upstream
) -> None:
    """SECURITY 20"""
    other.person = person(sub=upstream.person["sub"])
    await browser.sign_in("acme")
    await another_browser.sign_in("other")
    assert (await browser.me())["id"] != (await another_browser.me())["id"]


# SECURITY 20
@pytest.mark.parametrize("says", [{"email_verified": True}, {"email_verified": "true"}])
async def test_an_account_is_never_taken_over_by_its_e_mail_address(
    browser: Browser, upstream: Upstream, register: Any, database: Database, says: dict[str, Any]
) -> None:
    account = await register()
    upstream.person = person(email=account.email.upper(), **says)
    answer = await browser.sign_in()
    assert (answer.status_code, browser.is_signed_in) == (400, False)
    assert "<title>Your e-mail address is already in use here" in answer.text
    async with database.read() as db:
        linked = select(func.count()).where(Identity.subject == upstream.person["sub"])
        assert await db.scalar(linked) == 0
    assert await kinds(database, account.id) == ["user.registered", "login.failed"]


UNVERIFIED: list[dict[str, Any]] = [
    {"email_verified": False},
    {"email_verified": None},
    {"email_verified": "false"},
    {"email_verified": 1},
    {"email_verified": ["true"]},
]


# SECURITY 20
@pytest.mark.parametrize("says", UNVERIFIED)
async def test_an_unverified_address_makes_no_account_and_tells_nothing_of_one(
    browser: Browser, upstream: Upstream, register: Any, says: dict[str, Any], database: Database
) -> None:
    account = await register()
    pages = []
    for email in (account.email, "nobody-here@example.org"):
        upstream.person = person(email=email, **says)
        upstream.userinfo = dict(upstream.person)
        answer = await browser.sign_in()
        assert (answer.status_code, browser.is_signed_in) == (400, False)
        pages.append(answer.text)
    assert pages[0] == pages[1]
    assert "Acme has not confirmed your e" in pages[0]
    assert await kinds(database, account.id) == ["user.registered"]


@pytest.mark.parametrize(
    "email",
    [None, "", "no-at", "a@b", "a b@example.org", "a\uff20b@example.org", "x@" + "y" * 260 + ".org", 7, {}],
)
async def test_without_an_address_that_can_be_one_there_is_no_account(
    browser: Browser, upstream: Upstream, email: Any
) -> None:
    upstream.person = person(email=email)
    answer = await browser.sign_in()
    assert (answer.status_code, browser.is_signed_in) == (400, False)
    assert "has not confirmed" in answer.text


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("  Ada\r\nBcc: x ", "Ada Bcc: x"),
        ("N" * 500, "N" * 200),
        ("", "somebody"),
        (None, "somebody"),
        (["x"], "somebody"),
        ("\x00", "somebody"),
    ],
)
async def test_a_name_is_made_fit_for_one_of_ours(
    browser: Browser, upstream: Upstream, name: Any, called: str
) -> None:
    upstream.person = person(name=name)
    upstream.person["email"] = f"somebody@{upstream.person['sub'].lower().replace('_', '')}.example.org"
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.me())["name"] == called


async def test_two_that_come_back_at_once_make_one_account(
    browser: Browser, another_browser: Browser, upstream: Upstream, database: Database
) -> None:
    returns = [await each.go() for each in (browser, another_browser)]
    answers = await asyncio.gather(browser.get(returns[0]), another_browser.get(returns[1]))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await browser.me())["id"] == (await another_browser.me())["id"]
    async with database.read() as db:
        made = select(func.count()).where(Identity.subject == upstream.person["sub"])
        assert await db.scalar(made) == 1


async def test_a_suspended_account_is_refused_without_saying_so(
    browser: Browser, upstream: Upstream, database: Database
) -> None:
    await browser.sign_in()
    me = await browser.me()
    async with database.write() as db:
        await db.execute(update(User).where(User.id == UUID(me["id"])).values(status=SUSPENDED))
    browser.cookies.clear()
    suspended = await browser.sign_in()
    upstream.claims = {"aud": "somebody else"}
    forged = await browser.sign_in()
    assert (suspended.status_code, suspended.text) == (forged.status_code, forged.text)
    assert suspended.status_code == 400
    assert not browser.is_signed_in
    assert (await kinds(database, me["id"]))[-1] == "login.failed"


async def test_the_second_factor_of_the_account_is_asked_for_all_the_same(
    browser: Browser, upstream: Upstream, federated: httpx.AsyncClient
) -> None:
    await browser.sign_in()
    headers = await browser.headers()
    setup = (await federated.post("/auth/mfa/totp", headers=headers)).json()
    code = pyotp.TOTP(setup["secret"]).now()
    confirmed = await federated.post("/auth/mfa/totp/confirm", json={"code": code}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    browser.cookies.clear()
    answer = await browser.sign_in(redirectUri="https://app.resumax.test/done?a=1")
    assert answer.status_code == 303
    assert not browser.is_signed_in
    assert browser.cookies["__Host-resumax_challenge"]
    assert answer.headers["location"].startswith("/auth/ui/mfa?continue=")
    # The page goes on to paths of ours alone; this one leads to the front end, by itself and by a link.
    going_on = await browser.get(query_of(answer.headers["location"])["continue"])
    assert going_on.status_code == 200
    assert going_on.headers["refresh"] == "0; url=https://app.resumax.test/done?a=1"
    assert 'href="https://app.resumax.test/done?a=1"' in going_on.text


async def test_nothing_of_the_provider_is_kept_but_who_it_was(
    browser: Browser, upstream: Upstream, database: Database
) -> None:
    """Neither tokens nor codes: nothing could be done at the provider with our database."""
    await browser.sign_in()
    async with database.read() as db:
        identity = await db.scalar(select(Identity).where(Identity.subject == upstream.person["sub"]))
        states = list(await db.scalars(select(OAuthState)))
    assert identity is not None
    kept = {name: value for name, value in vars(identity).items() if not name.startswith("_")}
    assert kept.keys() == {
        "id", "user_id", "provider", "issuer", "subject", "email", "created_at", "last_used_at",
    }  # fmt: skip
    assert kept["issuer"] == upstream.url
    secrets = {*upstream.people, *upstream.codes}
    assert not any(secret in str(vars(state)) for state in states for secret in secrets)


async def test_no_log_line_has_a_secret_or_an_address(
    browser: Browser, upstream: Upstream, capsys: pytest.CaptureFixture[str]
) -> None:
    """SECURITY 27"""
    url = await browser.go()
    secrets = {*query_of(url).values(), *browser.cookies.values(), upstream.person["email"], "secret-of-us"}
    assert (await browser.get(url)).status_code == 303
    secrets |= {*browser.cookies.values(), *upstream.people}
    assert (await browser.get(url)).status_code == 400
    upstream.token = {"id_token": None, "error": f"told {upstream.person['email']}"}
    assert (await browser.sign_in()).status_code == 400
    logged = capsys.readouterr().out
    assert "login.succeeded" in logged
    assert logged.count("identity_refused") == 2
    assert [secret for secret in secrets if secret in logged] == []
