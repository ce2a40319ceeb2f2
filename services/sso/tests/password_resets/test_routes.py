import asyncio
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pyotp
import pytest
from sqlalchemy import func, select, update
from verifying import verify

from common.auth import Revocations
from common.bus import Bus
from common.db import Database
from common.ids import now
from common.kv import Bucket
from common.streams import AUTH_TOKENS
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from common.tokens import InvalidToken, KeyCache, TokenVerifier, keys_over_http
from sso.challenges.models import LoginChallenge
from sso.even_time import LEAST
from sso.password_resets.models import PasswordReset
from sso.security_events.models import SecurityEvent
from sso.users.models import SUSPENDED, User

NEW = "a staple that nobody knew"
VARYING = {"x-request-id", "date", "x-ratelimit-remaining"}


async def ask(client: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    return await client.post("/auth/password-reset/request", json={"email": email}, headers=headers)


async def mailed_token(client: httpx.AsyncClient, mails: Any, email: str, *, count: int = 1) -> str:
    assert (await ask(client, email)).status_code == 202
    link = (await mails.wait_for(email, "password-reset", count=count)).data["link"]
    return parse_qs(urlsplit(link).query)["token"][0]


async def confirm(client: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await client.post("/auth/password-reset/confirm", json={"token": token, "password": password})


async def login(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await client.post("/auth/login", json={"email": email, "password": password})


async def test_the_mailed_link_sets_a_password_and_signs_nobody_in(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    token = await mailed_token(client, mails, account.email)
    done = await confirm(client, token)
    assert (done.status_code, done.content) == (204, b"")
    assert "set-cookie" not in done.headers
    assert (await login(client, account.email, account.password)).status_code == 401
    assert (await login(client, account.email, NEW)).status_code == 200


async def test_a_link_is_built_from_the_configured_address_and_never_from_host(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 5"""
    headers = {"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    await ask(client, account.email, **headers)
    mail = await mails.wait_for(account.email, "password-reset")
    assert mail.data["link"].startswith("https://resumax.test/auth/ui/reset?token=")
    assert (mail.data["name"], mail.locale) == ("Ada Lovelace", "en")


async def test_of_many_uses_of_a_reset_link_at_once_one_counts(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 8"""
    token = await mailed_token(client, mails, account.email)
    answers = await asyncio.gather(*(confirm(client, token, f"{NEW} {n}") for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [204] + [400] * 7
    refused = next(answer for answer in answers if answer.status_code == 400)
    assert refused.json()["code"] == "TOKEN_INVALID"


async def test_a_reset_link_is_good_for_ten_minutes_and_stored_as_a_hash(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    """SECURITY 8"""
    token = await mailed_token(client, mails, account.email)
    assert len(token) >= 43  # 256 bits
    async with database.write() as db:
        row = await db.scalar(select(PasswordReset).where(PasswordReset.user_id == UUID(account.id)))
        assert row is not None
        assert row.expires_at - row.created_at == timedelta(minutes=10)
        assert token.encode() not in row.sha256
        await db.execute(update(PasswordReset).where(PasswordReset.id == row.id).values(expires_at=now()))
    late = await confirm(client, token)
    assert (late.status_code, late.json()["code"]) == (400, "TOKEN_INVALID")
    assert "expired" in late.json()["detail"]
    assert (await login(client, account.email, account.password)).status_code == 200


async def test_a_newer_link_voids_the_older_one(client: httpx.AsyncClient, account: Any, mails: Any) -> None:
    """SECURITY 8"""
    first = await mailed_token(client, mails, account.email)
    second = await mailed_token(client, mails, account.email, count=2)
    assert (await confirm(client, first)).status_code == 400
    assert (await confirm(client, second)).status_code == 204


async def test_changing_the_password_voids_every_link(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    token = await mailed_token(client, mails, account.email)
    body = {"currentPassword": account.password, "newPassword": NEW}
    changed = await client.post("/auth/password/change", json=body, headers=account.headers)
    assert changed.status_code == 204, changed.text
    assert (await confirm(client, token, "something else again")).status_code == 400


@pytest.mark.parametrize("token", ["x" * 43, "\x00", "ü" * 40])
async def test_unknown_tokens_are_problems(client: httpx.AsyncClient, token: str) -> None:
    answer = await confirm(client, token)
    assert (answer.status_code, answer.json()["code"]) == (400, "TOKEN_INVALID")


async def test_a_token_of_another_purpose_resets_nothing(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 8: bound to their purpose."""
    verification = (await mails.wait_for(account.email, "verify-email")).data["token"]
    assert (await confirm(client, verification)).status_code == 400
    reset = await mailed_token(client, mails, account.email)
    assert (await client.post("/auth/verify", json={"token": reset})).status_code == 400
    assert (await client.post("/auth/magic-link/confirm", json={"token": reset})).status_code == 400
    assert (await confirm(client, reset)).status_code == 204


async def test_a_refused_password_leaves_the_link_good(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    token = await mailed_token(client, mails, account.email)
    for password in ("short", "Ada Lovelace 123", account.email, "passwordpassword"):
        refused = await confirm(client, token, password)
        assert (refused.status_code, refused.json()["code"]) == (400, "PASSWORD_REFUSED"), password
        assert refused.json()["errors"][0]["path"] == "$.password"
    assert (await confirm(client, token)).status_code == 204


async def refuses(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except InvalidToken:
        return True
    return False


async def test_a_reset_ends_every_session_on_every_service_within_a_second(
    client: httpx.AsyncClient, account: Any, mails: Any, broker: Nats
) -> None:
    """SECURITY 13"""
    other = (await login(client, account.email, account.password)).json()
    token = await mailed_token(client, mails, account.email)
    bus = Bus(broker.url, name="api", streams=[AUTH_TOKENS])
    revocations = Revocations(bus, Bucket(bus, AUTH_TOKENS))
    keys = KeyCache(keys_over_http(str(client.base_url).rstrip("/")))
    verifier = TokenVerifier(
        issuer="https://resumax.test", audience="api", keys=keys, is_revoked=revocations.is_revoked
    )
    await bus.start()
    access = [account.access_token, other["accessToken"]]
    for held in access:
        await verifier.verify(held)
    assert (await confirm(client, token)).status_code == 204
    reset_at = time.monotonic()
    for held in access:
        await eventually(lambda held=held: refuses(verifier, held), within=1.0)
    assert time.monotonic() - reset_at < 1.0
    await bus.close()
    for refresh in (account.refresh_token, other["refreshToken"]):
        answer = await client.post("/auth/refresh", json={"refreshToken": refresh})
        assert answer.status_code == 401


async def test_a_reset_tells_the_owner_and_is_on_their_trail(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    assert (await confirm(client, await mailed_token(client, mails, account.email))).status_code == 204
    told = await mails.wait_for(account.email, "password-changed")
    assert told.data == {"name": "Ada Lovelace", "link": "https://resumax.test/auth/ui/reset"}
    async with database.read() as db:
        kinds = await db.scalars(select(SecurityEvent.kind).where(SecurityEvent.user_id == UUID(account.id)))
        assert {"password_reset.requested", "password.reset", "session.all_ended"} <= set(kinds)


async def test_a_reset_proves_the_address_too(client: httpx.AsyncClient, account: Any, mails: Any) -> None:
    await confirm(client, await mailed_token(client, mails, account.email))
    tokens = (await login(client, account.email, NEW)).json()
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    assert (await client.get("/auth/me", headers=headers)).json()["emailVerified"] is True


async def test_an_account_without_a_password_gets_its_first_one(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    async with database.write() as db:
        (await db.get_one(User, UUID(account.id))).password_hash = None
    assert (await login(client, account.email, account.password)).status_code == 401
    assert (await confirm(client, await mailed_token(client, mails, account.email))).status_code == 204
    assert (await login(client, account.email, NEW)).status_code == 200


async def test_a_reset_works_while_the_account_is_locked_out_and_ends_that(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 6"""
    for _ in range(5):
        await login(client, account.email, "not the right one")
    assert (await login(client, account.email, account.password)).status_code == 401
    assert (await confirm(client, await mailed_token(client, mails, account.email))).status_code == 204
    assert (await login(client, account.email, NEW)).status_code == 200


async def test_a_reset_voids_a_sign_in_that_waits_for_its_second_factor(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    """SECURITY 9: and the reset itself leads to the second factor, not past it."""
    await verify(client, mails, account)
    secret = (await client.post("/auth/mfa/totp", headers=account.headers)).json()["secret"]
    code = {"code": pyotp.TOTP(secret).now()}
    confirmed = await client.post("/auth/mfa/totp/confirm", json=code, headers=account.headers)
    assert confirmed.status_code == 200, confirmed.text
    waiting = (await login(client, account.email, account.password)).json()
    assert waiting["mfaRequired"] is True
    assert (await confirm(client, await mailed_token(client, mails, account.email))).status_code == 204
    async with database.read() as db:
        left = select(func.count()).where(LoginChallenge.user_id == UUID(account.id))
        assert await db.scalar(left) == 0
    again = (await login(client, account.email, NEW)).json()
    assert again["mfaRequired"] is True
    assert "accessToken" not in again


async def test_nobody_is_sent_more_than_three_links_in_a_quarter_of_an_hour(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    token = ""
    for n in range(1, 4):
        token = await mailed_token(client, mails, account.email, count=n)
    answers = [await ask(client, account.email) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    await asyncio.sleep(0.3)
    assert len(mails.to(account.email, "password-reset")) == 3
    assert (await confirm(client, token)).status_code == 204  # the last that was sent


async def test_links_of_one_kind_that_a_stranger_asks_for_keep_nobody_from_the_other(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    async def ask_by(route: str) -> None:
        assert (await client.post(route, json={"email": account.email})).status_code == 202

    for _ in range(4):
        await ask_by("/auth/magic-link")
    await mails.wait_for(account.email, "magic-link", count=3)
    token = await mailed_token(client, mails, account.email)
    await ask_by("/auth/verify/resend")
    await mails.wait_for(account.email, "verify-email", count=2)
    assert len(mails.to(account.email, "magic-link")) == 3
    assert (await confirm(client, token)).status_code == 204


async def test_requests_at_once_send_no_more_mails_than_one_after_the_other(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    await asyncio.gather(*(ask(client, account.email) for _ in range(12)))
    await asyncio.sleep(0.3)
    assert len(mails.to(account.email, "password-reset")) == 3


async def test_asking_for_a_reset_tells_nothing_about_the_account(
    client: httpx.AsyncClient, register: Any, database: Database, mails: Any
) -> None:
    """SECURITY 5"""
    known, verified, suspended, locked = [await register() for _ in range(4)]
    async with database.write() as db:
        (await db.get_one(User, UUID(verified.id))).email_verified_at = now()
        (await db.get_one(User, UUID(suspended.id))).status = SUSPENDED
    for _ in range(5):
        await login(client, locked.email, "not the right one")
    emails = [known.email, verified.email, suspended.email, locked.email, "nobody@example.org"]
    seen: list[Any] = []
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
    assert mails.to(suspended.email, "password-reset") == []
