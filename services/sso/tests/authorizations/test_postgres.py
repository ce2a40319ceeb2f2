"""Codes and assertions that many show at once, on PostgreSQL, where transactions do run beside each other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import func, select
from sso_standins.apps import CALLBACK, App

import sso.app
from common.db import Database
from common.ids import now
from common.testing.served import served
from sso.clients.models import PUBLIC, OAuthClient
from sso.oauth2.queries import use_assertion
from sso.one_time import sha256
from sso.security_events.models import SecurityEvent
from sso.sessions.models import Session
from sso.settings import Settings

Stack = tuple[httpx.AsyncClient, Database]


class Person:
    """Whose browser it is."""

    def __init__(self, tokens: dict[str, Any]) -> None:
        self.refresh_token = tokens["refreshToken"]


@pytest_asyncio.fixture(scope="module")
async def stack(
    sso_settings: Callable[..., Settings], migrated_postgres: Callable[[str], str]
) -> AsyncIterator[Stack]:
    url = migrated_postgres(sso.app.__file__)
    database = Database(url)
    async with served(sso.app.create_app(sso_settings(database_url=url))) as client:
        yield client, database
    await database.close()


@pytest_asyncio.fixture
async def app(stack: Stack) -> App:
    client, database = stack
    async with database.write() as db:
        row = OAuthClient(
            id="app", kind=PUBLIC, auth_method="none", is_first_party=True, redirect_uris=[CALLBACK]
        )
        row.grant_types, row.scopes = ["authorization_code", "refresh_token"], ["openid"]
        await db.merge(row)
    return App(client, "app", redirect_uri=CALLBACK, secret=None)


# SECURITY 18
async def test_of_twenty_redemptions_at_once_one_gets_tokens_and_they_end_once(
    stack: Stack, app: App
) -> None:
    client, database = stack
    body = {"email": "ada@example.org", "password": "correct horse battery", "name": "Ada"}
    person = Person((await client.post("/auth/register", json=body)).json())
    code = await app.code(person, scope="openid")
    answers = await asyncio.gather(*(app.redeem(code) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    async with database.read() as db:
        sessions = list(await db.scalars(select(Session).where(Session.client_id == app.id)))
        reused = SecurityEvent.kind == "authorization_code.reused"
        events = await db.scalar(select(func.count()).select_from(SecurityEvent).where(reused))
    assert [session.end_reason for session in sessions] == ["code_reused"]
    assert events == 1


async def test_an_assertion_is_used_once_by_any_number_at_once(stack: Stack) -> None:
    _, database = stack

    async def use() -> bool:
        async with database.write() as db:
            return await use_assertion(db, sha256("app jti"), until=now())

    assert sorted(await asyncio.gather(*(use() for _ in range(20)))) == [False] * 19 + [True]
