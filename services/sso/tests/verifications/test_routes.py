import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from common.db import Database
from common.ids import now
from sso.even_time import LEAST
from sso.verifications.models import EmailVerification


async def is_verified(client: httpx.AsyncClient, account: Any) -> bool:
    return bool((await client.get("/auth/me", headers=account.headers)).json()["emailVerified"])


async def test_the_mailed_token_verifies_the_address_once(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    token = (await mails.wait_for(account.email, "verify-email")).data["token"]
    assert (await client.post("/auth/verify", json={"token": token})).status_code == 204
    assert await is_verified(client, account)
    again = await client.post("/auth/verify", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (400, "TOKEN_INVALID")


async def test_of_many_uses_at_once_one_counts(client: httpx.AsyncClient, account: Any, mails: Any) -> None:
    token = (await mails.wait_for(account.email, "verify-email")).data["token"]
    answers = await asyncio.gather(*(client.post("/auth/verify", json={"token": token}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [204] + [400] * 19


async def test_a_link_is_good_for_a_day_and_stored_as_a_hash(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    token = (await mails.wait_for(account.email, "verify-email")).data["token"]
    async with database.write() as db:
        row = await db.scalar(select(EmailVerification).where(EmailVerification.user_id == UUID(account.id)))
        assert row is not None
        assert row.expires_at - row.created_at == timedelta(hours=24)
        assert len(row.sha256) == 32
        expired = update(EmailVerification).where(EmailVerification.id == row.id)
        await db.execute(expired.values(expires_at=now()))
    assert (await client.post("/auth/verify", json={"token": token})).status_code == 400
    assert not await is_verified(client, account)


async def test_asking_again_mails_another_link_and_says_nothing(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    first = await mails.wait_for(account.email, "verify-email")
    answers = [
        await client.post("/auth/verify/resend", json={"email": email})
        for email in (account.email, "nobody@example.org")
    ]
    assert [(a.status_code, a.content) for a in answers] == [(202, b"")] * 2
    assert answers[0].headers.keys() == answers[1].headers.keys()
    second = await mails.wait_for(account.email, "verify-email", count=2)
    assert second.data["token"] != first.data["token"]
    assert (await client.post("/auth/verify", json={"token": second.data["token"]})).status_code == 204
    assert (await client.post("/auth/verify/resend", json={"email": account.email})).status_code == 202
    await asyncio.sleep(0.2)
    assert len(mails.to(account.email, "verify-email")) == 2


async def test_a_newer_link_voids_those_of_before(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    first = (await mails.wait_for(account.email, "verify-email")).data["token"]
    await client.post("/auth/verify/resend", json={"email": account.email})
    second = (await mails.wait_for(account.email, "verify-email", count=2)).data["token"]
    late = await client.post("/auth/verify", json={"token": first})
    assert (late.status_code, late.json()["code"]) == (400, "TOKEN_INVALID")
    assert "newer" in late.json()["detail"]
    assert not await is_verified(client, account)
    assert (await client.post("/auth/verify", json={"token": second})).status_code == 204


async def test_nobody_is_mailed_more_than_three_links_in_a_quarter_of_an_hour(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """The one of registering among them."""
    await mails.wait_for(account.email, "verify-email")
    body = {"email": account.email}
    answers = await asyncio.gather(*(client.post("/auth/verify/resend", json=body) for _ in range(8)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    newest = await mails.wait_for(account.email, "verify-email", count=3)
    await asyncio.sleep(0.3)
    assert len(mails.to(account.email, "verify-email")) == 3
    assert (await client.post("/auth/verify", json={"token": newest.data["token"]})).status_code == 204


async def test_asking_for_another_link_takes_the_same_time_for_everybody(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """SECURITY 5"""
    await mails.wait_for(account.email, "verify-email")
    for email in (account.email, "nobody@example.org"):
        for _ in range(3):
            started = time.perf_counter()
            await client.post("/auth/verify/resend", json={"email": email})
            assert time.perf_counter() - started >= LEAST  # several times what the work takes


async def test_verifying_leaves_the_account_as_it_is(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    """Whoever opens that link may well be who registered."""
    token = (await mails.wait_for(account.email, "verify-email")).data["token"]
    assert (await client.post("/auth/verify", json={"token": token})).status_code == 204
    refresh = {"refreshToken": account.refresh_token}
    assert (await client.post("/auth/refresh", json=refresh)).status_code == 200
    login = {"email": account.email, "password": account.password}
    assert (await client.post("/auth/login", json=login)).status_code == 200


async def test_bad_tokens_are_problems(client: httpx.AsyncClient) -> None:
    for token, code in (("x" * 43, "TOKEN_INVALID"), ("\x00", "TOKEN_INVALID"), ("", "VALIDATION_FAILED")):
        answer = await client.post("/auth/verify", json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
