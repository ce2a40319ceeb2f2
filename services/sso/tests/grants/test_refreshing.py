"""Refresh tokens of apps at the token endpoint (RFC 6749 section 6; SECURITY 12)."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sso_standins.apps import SCOPE, App, RegisterApp

from common.db import Database
from common.ids import now
from sso.clients.models import OAuthClient
from sso.one_time import sha256
from sso.sessions.models import RefreshToken, Session


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def used_long_ago(database: Database, refresh_token: str) -> None:
    """As if `refresh_token` had been used before the window of replay."""
    async with database.write() as db:
        row = update(RefreshToken).where(RefreshToken.sha256 == sha256(refresh_token))
        await db.execute(row.values(used_at=now() - timedelta(seconds=11)))


async def test_refreshing_gives_new_tokens_of_the_same_session(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    answer = await app.refresh(given["refresh_token"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    later = answer.json()
    assert later.keys() == given.keys()
    assert later["refresh_token"] != given["refresh_token"]
    first, second = [await app.verified(tokens["id_token"]) for tokens in (given, later)]
    # OpenID Connect Core section 12.2
    assert "nonce" not in second
    same = ("iss", "sub", "aud", "azp", "auth_time", "acr", "amr", "sid")
    assert [first[name] for name in same] == [second[name] for name in same]


async def test_of_many_refreshes_at_once_all_get_the_same_successor(
    app: App, account: Any, database: Database
) -> None:
    given = await app.sign_in(account)
    answers = await asyncio.gather(*(app.refresh(given["refresh_token"]) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


# SECURITY 12
async def test_using_a_refresh_token_again_later_ends_its_session(
    app: App, account: Any, database: Database, mails: Any
) -> None:
    given = await app.sign_in(account)
    later = (await app.refresh(given["refresh_token"])).json()
    await used_long_ago(database, given["refresh_token"])
    assert refusal(await app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert refusal(await app.refresh(later["refresh_token"])) == (400, "invalid_grant")
    async with database.read() as db:
        session = await db.scalar(select(Session).where(Session.client_id == app.id))
        assert session is not None
        assert session.end_reason == "token_reused"
    await mails.wait_for(account.email, "token-reuse")


async def test_a_refresh_token_is_good_for_its_client_alone(
    app: App, register_app: RegisterApp, account: Any, client: httpx.AsyncClient, database: Database
) -> None:
    given = await app.sign_in(account)
    thief = await register_app()
    assert refusal(await thief.refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert refusal(await thief.refresh(account.refresh_token)) == (400, "invalid_grant")
    ours = await client.post("/auth/refresh", json={"refreshToken": given["refresh_token"]})
    assert ours.status_code == 401
    # Nothing of it was used up, and nothing ended.
    assert (await app.refresh(given["refresh_token"])).status_code == 200
    await used_long_ago(database, given["refresh_token"])
    assert refusal(await thief.refresh(given["refresh_token"])) == (400, "invalid_grant")
    async with database.read() as db:
        session = await db.scalar(select(Session).where(Session.client_id == app.id))
        assert session is not None
        assert session.ended_at is None


async def test_a_narrower_scope_is_given_for_once(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    narrow = (await app.refresh(given["refresh_token"], scope="resumes:read openid")).json()
    assert narrow["scope"] == "resumes:read openid"
    assert (await app.verified(narrow["access_token"]))["scope"] == "resumes:read openid"
    narrower = (await app.refresh(narrow["refresh_token"], scope="email")).json()
    assert "id_token" not in narrower
    whole = (await app.refresh(narrower["refresh_token"])).json()
    assert whole["scope"] == SCOPE


@pytest.mark.parametrize("scope", ["platform", "openid resumes:write", "internal", " "])
async def test_more_than_was_granted_is_refused_and_uses_nothing_up(
    register_app: RegisterApp, account: Any, scope: str
) -> None:
    app = await register_app(scopes=[*SCOPE.split(), "resumes:write", "platform"])
    given = await app.sign_in(account, scope="openid resumes:read offline_access")
    answer = await app.refresh(given["refresh_token"], scope=scope)
    if scope.strip():
        assert refusal(answer) == (400, "invalid_scope")
    assert (await app.refresh(given["refresh_token"])).status_code == 200


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "ü\x00", "x" * 5000])
async def test_what_is_no_refresh_token_is_refused(app: App, token: str | None) -> None:
    error = "invalid_grant" if token else "invalid_request"
    assert refusal(await app.refresh("", refresh_token=token)) == (400, error)


async def test_a_suspended_account_refreshes_nothing(
    app: App, account: Any, client: httpx.AsyncClient, service_headers: Any
) -> None:
    given = await app.sign_in(account)
    await client.patch(
        f"/internal/users/{account.id}", json={"status": "suspended"}, headers=await service_headers()
    )
    assert refusal(await app.refresh(given["refresh_token"])) == (400, "invalid_grant")


async def test_a_refresh_token_expires(app: App, account: Any, database: Database) -> None:
    given = await app.sign_in(account)
    async with database.write() as db:
        row = update(RefreshToken).where(RefreshToken.sha256 == sha256(given["refresh_token"]))
        await db.execute(row.values(expires_at=now() - timedelta(seconds=1)))
    assert refusal(await app.refresh(given["refresh_token"])) == (400, "invalid_grant")


async def test_a_public_client_refreshes_by_its_name(native_app: App, account: Any) -> None:
    given = await native_app.sign_in(account)
    assert (await native_app.refresh(given["refresh_token"])).status_code == 200
    unnamed = await native_app.refresh(given["refresh_token"], client_id=None)
    assert refusal(unnamed) == (401, "invalid_client")


async def test_a_scope_that_the_client_lost_is_in_no_token_any_more(
    app: App, account: Any, database: Database
) -> None:
    code, given = await app.code(account), await app.sign_in(account)
    await may_have(database, app, ["openid", "offline_access"])
    for answer in (await app.redeem(code), await app.refresh(given["refresh_token"])):
        assert answer.status_code == 200, answer.text
        assert answer.json()["scope"] == "openid offline_access"
        assert (await app.verified(answer.json()["access_token"]))["scope"] == "openid offline_access"


async def test_a_client_that_lost_all_scopes_gets_nothing(app: App, account: Any, database: Database) -> None:
    code, given = await app.code(account), await app.sign_in(account)
    await may_have(database, app, [])
    for answer in (await app.redeem(code), await app.refresh(given["refresh_token"])):
        assert refusal(answer) == (400, "invalid_grant")


async def may_have(database: Database, app: App, scopes: list[str]) -> None:
    async with database.write() as db:
        (await db.get_one(OAuthClient, app.id)).scopes = scopes
