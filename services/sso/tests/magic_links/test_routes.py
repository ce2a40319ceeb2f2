import asyncio
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pyotp
import pytest
from sqlalchemy import select, update
from verifying import verify

from common.db import Database
from common.ids import now
from sso.callers import Caller
from sso.continuations import HOME
from sso.even_time import LEAST
from sso.magic_links import service
from sso.magic_links.models import MagicLink
from sso.security_events.models import SecurityEvent
from sso.users.models import SUSPENDED, User

VARYING = {"x-request-id", "date", "x-ratelimit-remaining"}
CALLER = Caller(ip="203.0.113.5", user_agent="test")


async def ask(client: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    return await client.post("/auth/magic-link", json={"email": email}, headers=headers)


async def mailed_token(client: httpx.AsyncClient, mails: Any, email: str, *, count: int = 1) -> str:
    assert (await ask(client, email)).status_code == 202
    link = (await mails.wait_for(email, "magic-link", count=count)).data["link"]
    return parse_qs(urlsplit(link).query)["token"][0]


async def confirm(client: httpx.AsyncClient, token: str, **fields: Any) -> httpx.Response:
    return await client.post("/auth/magic-link/confirm", json={"token": token, **fields})


async def test_the_mailed_link_signs_in_and_proves_the_address(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    await ask(client, f" {account.email.upper()} ")
    link = (await mails.wait_for(account.email, "magic-link")).data["link"]
    tokens = await confirm(client, link.partition("token=")[2])
    assert tokens.status_code == 200, tokens.text
    assert tokens.json()["refreshToken"] != account.refresh_token
    headers = {"Authorization": f"Bearer {tokens.json()['accessToken']}"}
    me = (await client.get("/auth/me", headers=headers)).json()
    assert (me["id"], me["emailVerified"]) == (account.id, True)


async def test_with_a_cookie_the_refresh_token_is_not_in_the_body(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    token = await mailed_token(client, mails, account.email)
    foreign = {"Origin": "https://evil.test"}
    body = {"token": token, "useCookie": True}
    refused = await client.post("/auth/magic-link/confirm", json=body, headers=foreign)
    assert refused.status_code == 403  # login CSRF, SECURITY 14
    answer = await client.post("/auth/magic-link/confirm", json=body)
    assert answer.status_code == 200, answer.text
    assert "refreshToken" not in answer.json()
    assert answer.headers["set-cookie"].startswith("__Host-resumax_refresh=")


async def test_a_link_to_sign_in_is_built_from_the_configured_address(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 5"""
    await ask(client, account.email, Host="evil.test")
    mail = await mails.wait_for(account.email, "magic-link")
    assert mail.data["link"].startswith("https://resumax.test/auth/ui/magic?token=")


async def test_of_many_uses_of_a_magic_link_at_once_one_counts(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 8"""
    token = await mailed_token(client, mails, account.email)
    answers = await asyncio.gather(*(confirm(client, token) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {a.json()["code"] for a in answers if a.status_code == 400} == {"TOKEN_INVALID"}


async def test_a_magic_link_is_good_for_ten_minutes_and_stored_as_a_hash(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    """SECURITY 8"""
    token = await mailed_token(client, mails, account.email)
    async with database.write() as db:
        row = await db.scalar(select(MagicLink).where(MagicLink.user_id == UUID(account.id)))
        assert row is not None
        assert row.expires_at - row.created_at == timedelta(minutes=10)
        assert token.encode() not in row.sha256
        await db.execute(update(MagicLink).where(MagicLink.id == row.id).values(expires_at=now()))
    assert (await confirm(client, token)).status_code == 400


async def test_a_newer_magic_link_voids_the_older_one(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 8"""
    first = await mailed_token(client, mails, account.email)
    second = await mailed_token(client, mails, account.email, count=2)
    assert (await confirm(client, first)).status_code == 400
    assert (await confirm(client, second)).status_code == 200


async def test_a_mailed_link_is_never_a_second_factor(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 9"""
    await verify(client, mails, account)
    secret = (await client.post("/auth/mfa/totp", headers=account.headers)).json()["secret"]
    code = {"code": pyotp.TOTP(secret).now()}
    await client.post("/auth/mfa/totp/confirm", json=code, headers=account.headers)
    challenged = await confirm(client, await mailed_token(client, mails, account.email))
    assert challenged.status_code == 200
    assert challenged.json()["mfaRequired"] is True
    assert "totp" in challenged.json()["methods"]
    assert not any("mail" in method for method in challenged.json()["methods"])
    assert "accessToken" not in challenged.json()


async def test_a_magic_link_works_while_the_password_is_locked_out_and_leaves_its_count(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 6"""
    wrong = {"email": account.email, "password": "not the right one"}
    for _ in range(5):
        await client.post("/auth/login", json=wrong)
    assert (await confirm(client, await mailed_token(client, mails, account.email))).status_code == 200
    right = wrong | {"password": account.password}
    assert (await client.post("/auth/login", json=right)).status_code == 401


async def test_the_link_of_an_account_that_was_suspended_meanwhile_signs_nobody_in(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    token = await mailed_token(client, mails, account.email)
    async with database.write() as db:
        (await db.get_one(User, UUID(account.id))).status = SUSPENDED
    answer = await confirm(client, token)
    assert (answer.status_code, answer.json()["code"]) == (400, "TOKEN_INVALID")


@pytest.mark.parametrize("token", ["x" * 43, "\x00"])
async def test_unknown_magic_tokens_are_problems(client: httpx.AsyncClient, token: str) -> None:
    answer = await confirm(client, token)
    assert (answer.status_code, answer.json()["code"]) == (400, "TOKEN_INVALID")


async def test_a_link_that_fails_is_on_the_trail_of_its_owner(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    """SECURITY 27"""
    token = await mailed_token(client, mails, account.email)
    for _ in range(2):
        await confirm(client, token)
    events = select(SecurityEvent).where(SecurityEvent.user_id == UUID(account.id))
    async with database.read() as db:
        found = {event.kind: event for event in await db.scalars(events.order_by(SecurityEvent.id))}
    assert found["login.succeeded"].details["methods"] == "email"
    assert found["login.failed"].details["methods"] == "email"
    assert "magic_link.requested" in found


async def test_asking_for_a_magic_link_tells_nothing_about_the_account(
    client: httpx.AsyncClient, register: Any, database: Database, mails: Any
) -> None:
    """SECURITY 5"""
    known, suspended = await register(), await register()
    async with database.write() as db:
        (await db.get_one(User, UUID(suspended.id))).status = SUSPENDED
    seen: list[Any] = []
    emails = (known.email, suspended.email, "no@example.org")
    took = []
    for _ in range(5):
        for email in emails:
            started = time.perf_counter()
            answer = await ask(client, email)
            took.append(time.perf_counter() - started)
            headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
            seen.append((answer.status_code, answer.content, headers))
    assert all(one == seen[0] for one in seen)
    assert seen[0][:2] == (202, b"")
    assert min(took) >= LEAST  # several times what the work takes
    assert mails.to(suspended.email, "magic-link") == []


async def test_a_browser_goes_on_to_where_it_wanted_and_never_elsewhere(
    register: Any, mails: Any, database: Database
) -> None:
    """SECURITY 17"""
    ours = "/oauth2/authorize?client_id=a&state=b"
    led_to = {ours: ours, None: HOME, "//evil.test/": HOME, "https://evil.test/": HOME}
    accounts = {wanted: await register() for wanted in led_to}
    for wanted, account in accounts.items():
        await service.request(
            database, account.email, caller=CALLER, public_url="https://resumax.test", continue_to=wanted
        )
    for wanted, account in accounts.items():
        token = (await mails.wait_for(account.email, "magic-link")).data["link"].partition("token=")[2]
        opened = await service.confirm(database, token, caller=CALLER, public_url="https://resumax.test")
        assert opened.continue_to == led_to[wanted]
