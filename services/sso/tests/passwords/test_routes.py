"""Changing one's password (SECURITY 3)."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from common.db import Database
from sso.security_events.models import SecurityEvent
from sso.users.models import User

NEW = "a staple that nobody knew"


async def change(
    client: httpx.AsyncClient, account: Any, new: str = NEW, current: str | None = None, **fields: Any
) -> httpx.Response:
    body = {"currentPassword": current or account.password, "newPassword": new} | fields
    return await client.post("/auth/password/change", json=body, headers=account.headers)


async def login(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await client.post("/auth/login", json={"email": email, "password": password})


async def is_signed_in(client: httpx.AsyncClient, refresh_token: str) -> bool:
    answer = await client.post("/auth/refresh", json={"refreshToken": refresh_token})
    return answer.status_code == 200


async def test_a_change_needs_the_current_password(client: httpx.AsyncClient, account: Any) -> None:
    """SECURITY 3"""
    refused = await change(client, account, current="not the right one")
    assert (refused.status_code, refused.json()["code"]) == (403, "CURRENT_PASSWORD_WRONG")
    assert refused.json()["errors"][0]["path"] == "$.currentPassword"
    assert (await login(client, account.email, account.password)).status_code == 200
    done = await change(client, account)
    assert (done.status_code, done.content) == (204, b"")
    assert (await login(client, account.email, account.password)).status_code == 401
    assert (await login(client, account.email, NEW)).status_code == 200


async def test_a_change_tells_the_owner_by_mail(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    """SECURITY 3"""
    await change(client, account, current="not the right one")
    await change(client, account)
    told = await mails.wait_for(account.email, "password-changed")
    assert told.data == {"name": "Ada Lovelace", "link": "https://resumax.test/auth/ui/reset"}
    assert len(mails.to(account.email, "password-changed")) == 1
    async with database.read() as db:
        kinds = await db.scalars(select(SecurityEvent.kind).where(SecurityEvent.user_id == UUID(account.id)))
        assert {"password.change_failed", "password.changed", "session.all_ended"} <= set(kinds)


@pytest.mark.parametrize("stay", [False, True])
async def test_a_change_ends_the_other_sessions_unless_they_are_to_stay(
    client: httpx.AsyncClient, account: Any, stay: bool
) -> None:
    """SECURITY 3"""
    other = (await login(client, account.email, account.password)).json()
    fields = {"revokeOthers": False} if stay else {}
    assert (await change(client, account, **fields)).status_code == 204
    assert await is_signed_in(client, other["refreshToken"]) is stay
    assert await is_signed_in(client, account.refresh_token)
    assert (await client.get("/auth/me", headers=account.headers)).status_code == 200


async def test_wrong_current_passwords_lock_the_account_as_failed_sign_ins_do(
    client: httpx.AsyncClient, account: Any
) -> None:
    """SECURITY 6"""
    for _ in range(5):
        assert (await change(client, account, current="not the right one")).status_code == 403
    assert (await change(client, account)).json()["code"] == "CURRENT_PASSWORD_WRONG"
    assert (await login(client, account.email, account.password)).status_code == 401


async def test_of_several_changes_at_once_one_counts(client: httpx.AsyncClient, account: Any) -> None:
    answers = await asyncio.gather(*(change(client, account, f"{NEW} {n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 403, 403, 403]


@pytest.mark.parametrize(
    "new", ["short", "Ada Lovelace 123", "passwordpassword", "correct horse battery", "x1" * 65]
)
async def test_a_new_password_that_is_refused_is_named_and_counts_as_no_failure(
    client: httpx.AsyncClient, account: Any, new: str
) -> None:
    for _ in range(6):
        refused = await change(client, account, new)
        assert (refused.status_code, refused.json()["code"]) == (400, "PASSWORD_REFUSED")
        assert refused.json()["errors"][0]["path"] == "$.newPassword"
    assert (await login(client, account.email, account.password)).status_code == 200


async def test_an_account_without_a_password_has_none_to_change(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    async with database.write() as db:
        (await db.get_one(User, UUID(account.id))).password_hash = None
    assert (await change(client, account)).json()["code"] == "CURRENT_PASSWORD_WRONG"


async def test_a_change_needs_somebody_who_is_signed_in(client: httpx.AsyncClient, account: Any) -> None:
    body = {"currentPassword": account.password, "newPassword": NEW}
    answer = await client.post("/auth/password/change", json=body)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
