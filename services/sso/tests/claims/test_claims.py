"""An account that a stranger made with somebody's address, and its owner who comes later."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from sso_standins.apps import App, RegisterApp
from verifying import PASSWORD, WAYS, by_magic_link, by_reset, verify

from common.db import Database
from sso import commands
from sso.consents.models import Consent
from sso.recovery_codes.models import RecoveryCode
from sso.security_events.models import SecurityEvent
from sso.settings import Settings
from sso.totp.models import TotpSetup


async def make_key(client: httpx.AsyncClient, account: Any) -> str:
    body = {"name": "Build", "scopes": ["resumes:read"]}
    answer = await client.post("/auth/api-keys", json=body, headers=account.headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def exchange(client: httpx.AsyncClient, key: str) -> int:
    form = {"grant_type": "urn:resumax:api-key", "api_key": key}
    return (await client.post("/oauth2/token", data=form)).status_code


async def login(client: httpx.AsyncClient, account: Any) -> httpx.Response:
    body = {"email": account.email, "password": account.password}
    return await client.post("/auth/login", json=body)


async def refresh(client: httpx.AsyncClient, account: Any) -> int:
    return (await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})).status_code


async def kinds(database: Database, account: Any) -> list[str]:
    async with database.read() as db:
        mine = select(SecurityEvent.kind).where(SecurityEvent.user_id == UUID(account.id))
        return list(await db.scalars(mine))


@pytest.mark.parametrize("enter", WAYS)
async def test_whoever_registered_with_an_address_of_somebody_else_is_out_once_its_owner_comes(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database, enter: Any
) -> None:
    key = await make_key(client, account)
    assert await exchange(client, key) == 200
    entered = await enter(client, mails, account.email)
    assert entered.status_code == 200, entered.text
    headers = {"Authorization": f"Bearer {entered.json()['accessToken']}"}
    me = (await client.get("/auth/me", headers=headers)).json()
    assert (me["id"], me["emailVerified"]) == (account.id, True)
    assert (await login(client, account)).status_code == 401
    assert await refresh(client, account) == 401
    assert await exchange(client, key) >= 400
    assert len((await client.get("/auth/sessions", headers=headers)).json()["items"]) == 1
    assert (await kinds(database, account)).count("account.claimed") == 1


@pytest.mark.parametrize("enter", WAYS)
async def test_second_factors_of_whoever_registered_do_not_keep_the_owner_out(
    client: httpx.AsyncClient, protected: Any, mails: Any, database: Database, enter: Any
) -> None:
    account = protected.account
    entered = await enter(client, mails, account.email)
    assert "accessToken" in entered.json(), entered.text
    async with database.read() as db:
        for kind in (RecoveryCode, TotpSetup):
            left = select(func.count()).where(kind.user_id == UUID(account.id))
            assert await db.scalar(left) == 0
    again = await by_magic_link(client, mails, account.email)
    assert "accessToken" in again.json()


async def test_a_sign_in_of_whoever_registered_that_waits_for_its_second_factor_is_over(
    client: httpx.AsyncClient, protected: Any, mails: Any
) -> None:
    waiting = (await login(client, protected.account)).json()
    assert (await by_magic_link(client, mails, protected.account.email)).is_success
    body = {"challengeToken": waiting["challengeToken"], "method": "totp", "code": await protected.code()}
    answer = await client.post("/auth/login/mfa", json=body, headers=protected.origin)
    assert answer.status_code == 401


@pytest.mark.parametrize("enter", WAYS)
async def test_apps_that_whoever_registered_let_in_have_to_ask_the_owner(
    client: httpx.AsyncClient,
    account: Any,
    mails: Any,
    database: Database,
    register_app: RegisterApp,
    enter: Any,
) -> None:
    app: App = await register_app(is_first_party=False)
    async with database.write() as db:
        db.add(Consent(user_id=UUID(account.id), client_id=app.id, scopes=["openid"]))
    assert len((await client.get("/auth/consents", headers=account.headers)).json()["items"]) == 1
    tokens = (await enter(client, mails, account.email)).json()
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    assert (await client.get("/auth/consents", headers=headers)).json()["items"] == []


async def test_a_magic_link_takes_nothing_from_an_account_whose_address_was_verified(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    key = await make_key(client, account)
    await verify(client, mails, account)
    assert (await by_magic_link(client, mails, account.email)).is_success
    assert await exchange(client, key) == 200
    assert (await login(client, account)).status_code == 200
    assert await refresh(client, account) == 200
    assert "account.claimed" not in await kinds(database, account)


async def test_links_of_later_bypass_no_second_factor_of_an_owner_who_has_claimed_their_account(
    client: httpx.AsyncClient, protect: Any, account: Any, mails: Any, database: Database
) -> None:
    # SECURITY 9
    await by_magic_link(client, mails, account.email)
    tokens = (await by_reset(client, mails, account.email)).json()
    owner = type(account)(account.id, account.email, PASSWORD, tokens["accessToken"], tokens["refreshToken"])
    await protect(owner)
    for enter in WAYS:
        assert (await enter(client, mails, account.email)).json()["mfaRequired"] is True
    assert (await kinds(database, account)).count("account.claimed") == 1


async def test_seeding_leaves_nobody_a_key_who_registered_with_the_address_of_staff(
    client: httpx.AsyncClient,
    account: Any,
    settings: Settings,
    sso_settings: Callable[..., Settings],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = await make_key(client, account)
    monkeypatch.setattr(sys, "argv", ["sso", "seed", "--reset"])
    here = sso_settings(database_url=settings.database_url, staff_email=account.email)
    await asyncio.to_thread(commands.seed, here)
    assert await exchange(client, key) >= 400
    assert (await login(client, account)).status_code == 401
    assert "account.claimed" in await kinds(database, account)
