"""Refreshes that come at once are written together, here and on other replicas; none of them must notice."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, text, update

import sso.app
from common import db as common_db
from common.db import Database
from common.ids import now
from common.sealing import MasterKey
from common.testing.served import served
from sso.callers import Caller
from sso.one_time import sha256
from sso.sessions.answers import SignInAnswers
from sso.sessions.models import RefreshToken, Session
from sso.sessions.refreshes import Refreshes
from sso.sessions.successors import Successors
from sso.settings import Settings
from sso.users.models import SUSPENDED, User


@pytest_asyncio.fixture(scope="module")
async def replicas(
    client: httpx.AsyncClient, sso_settings: Callable[..., Settings], settings: Settings
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """The SSO, and another replica of it on the same database."""
    async with served(sso.app.create_app(sso_settings(database_url=settings.database_url))) as other:
        yield [client, other]


async def rotate(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/refresh", json={"refreshToken": token})


async def sessions_of(client: httpx.AsyncClient, account: Any, count: int) -> list[str]:
    """The refresh tokens of `count` sessions of the account."""
    body = {"email": account.email, "password": account.password}
    answers = [await client.post("/auth/login", json=body) for _ in range(count)]
    return [answer.json()["refreshToken"] for answer in answers]


def session_of(answer: httpx.Response) -> str:
    payload = answer.json()["accessToken"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"])


async def stored(database: Database, token: str) -> RefreshToken:
    async with database.read() as db:
        found = await db.scalar(select(RefreshToken).where(RefreshToken.sha256 == sha256(token)))
        assert found is not None
        return found


# SECURITY 12
async def test_fifty_refreshes_of_one_token_at_two_replicas_have_one_successor_in_one_family(
    replicas: list[httpx.AsyncClient], account: Any, database: Database
) -> None:
    for _ in range(3):
        token = (await sessions_of(replicas[0], account, 1))[0]
        answers = await asyncio.gather(*(rotate(replicas[n % 2], token) for n in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        (successor,) = {answer.json()["refreshToken"] for answer in answers}
        session_id = (await stored(database, successor)).session_id
        assert {session_of(answer) for answer in answers} == {str(session_id)}
        async with database.read() as db:
            family = await db.scalars(select(RefreshToken).where(RefreshToken.session_id == session_id))
            assert {row.sha256 for row in family} == {sha256(token), sha256(successor)}


async def test_everybody_who_refreshes_at_once_goes_on_with_their_own_session(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    tokens = await sessions_of(client, account, 12)
    answers = await asyncio.gather(*(rotate(client, token) for token in tokens))
    successors = [answer.json()["refreshToken"] for answer in answers]
    assert len(set(successors)) == 12
    for token, successor, answer in zip(tokens, successors, answers, strict=True):
        before, after = await stored(database, token), await stored(database, successor)
        assert str(before.session_id) == str(after.session_id) == session_of(answer)
    again = await asyncio.gather(*(rotate(client, token) for token in successors))
    assert {answer.status_code for answer in again} == {200}


async def test_one_that_is_refused_takes_nobody_along(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    """All in one transaction: good ones, one twice, an unknown, an expired, an ended and a reused one."""
    good, twice, expired, ended, reused = await sessions_of(client, account, 5)
    await rotate(client, reused)
    long_ago = now() - timedelta(minutes=1)
    ids = {
        name: (await stored(database, token)) for name, token in (("e", expired), ("o", ended), ("r", reused))
    }
    async with database.write() as db:
        tokens, sessions = update(RefreshToken), update(Session)
        await db.execute(tokens.where(RefreshToken.id == ids["e"].id).values(expires_at=long_ago))
        await db.execute(tokens.where(RefreshToken.id == ids["r"].id).values(used_at=long_ago))
        await db.execute(sessions.where(Session.id == ids["o"].session_id).values(ended_at=long_ago))
    shown = [good, twice, "x" * 43, twice, expired, ended, reused, good]
    answers = await asyncio.gather(*(rotate(client, token) for token in shown))
    assert [answer.status_code for answer in answers] == [200, 200, 401, 200, 401, 401, 401, 200]
    codes = [answer.json().get("code") for answer in answers]
    assert codes == [
        None,
        None,
        "TOKEN_INVALID",
        None,
        "TOKEN_INVALID",
        "TOKEN_INVALID",
        "TOKEN_REUSED",
        None,
    ]
    successors = [answer.json().get("refreshToken") for answer in answers]
    assert successors[0] == successors[7] != successors[1] == successors[3]


async def test_one_that_cannot_be_written_takes_nobody_along(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    poisoned, *others = await sessions_of(client, account, 6)
    session_id = (await stored(database, poisoned)).session_id
    trigger = f"CREATE TRIGGER poison BEFORE UPDATE ON sessions WHEN NEW.id = '{session_id.hex}' "
    async with database.write() as db:
        await db.execute(text(trigger + "BEGIN SELECT RAISE(ABORT, 'poisoned'); END"))
    try:
        answers = await asyncio.gather(
            *(rotate(client, token) for token in (*others[:3], poisoned, *others[3:]))
        )
        assert [answer.status_code for answer in answers] == [200, 200, 200, 500, 200, 200]
    finally:
        async with database.write() as db:
            await db.execute(text("DROP TRIGGER poison"))
    assert (await rotate(client, poisoned)).status_code == 200


async def test_while_the_database_is_locked_all_are_told_at_once_to_try_again(
    client: httpx.AsyncClient,
    account: Any,
    database: Database,
    sso_settings: Callable[..., Settings],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = await sessions_of(client, account, 8)
    monkeypatch.setattr(common_db, "BUSY_TIMEOUT", 0.5)
    async with served(sso.app.create_app(sso_settings(database_url=settings.database_url))) as impatient:
        async with database.write() as db:
            await db.execute(update(Session).where(Session.user_id == UUID(account.id)).values(ip="::1"))
            started = time.monotonic()
            answers = await asyncio.gather(*(rotate(impatient, token) for token in tokens))
            assert time.monotonic() - started < 2.5
        assert {answer.status_code for answer in answers} == {503}
        assert all("retry-after" in answer.headers for answer in answers)
        again = await asyncio.gather(*(rotate(impatient, token) for token in tokens))
        assert {answer.status_code for answer in again} == {200}


async def test_whoever_leaves_before_the_answer_keeps_nobody_from_theirs(
    client: httpx.AsyncClient, account: Any, database: Database, settings: Settings
) -> None:
    leaving, *others = await sessions_of(client, account, 4)
    answers = cast(SignInAnswers, None)  # which only the route uses
    refreshes = Refreshes(database, Successors(MasterKey(settings.key_encryption_key)), answers)
    caller = Caller(ip="::1", user_agent="test")
    tasks = [asyncio.create_task(refreshes.refresh(token, caller=caller)) for token in (leaving, *others)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    signed_in = await asyncio.gather(*tasks[1:])
    assert tasks[0].cancelled()
    assert len({one.session.id for one in signed_in}) == 3
    later = await asyncio.wait_for(refreshes.refresh(leaving, caller=caller), 5)
    assert later.session.id not in {one.session.id for one in signed_in}


async def test_a_session_of_an_account_that_is_not_active_is_not_refreshed(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    async with database.write() as db:  # and not through the service, which would end the session as well
        await db.execute(update(User).where(User.id == UUID(account.id)).values(status=SUSPENDED))
    refused = await rotate(client, account.refresh_token)
    assert (refused.status_code, refused.json()["code"]) == (401, "TOKEN_INVALID")
