import asyncio
import base64
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from common.db import Database
from common.ids import now
from sso.sessions.models import RefreshToken, Session


async def rotate(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/refresh", json={"refreshToken": token})


async def stored(database: Database, token: str) -> RefreshToken:
    async with database.read() as db:
        sha256 = hashlib.sha256(token.encode()).digest()
        found = await db.scalar(select(RefreshToken).where(RefreshToken.sha256 == sha256))
        assert found is not None
        return found


async def turn_back(database: Database, token: str, **values: Any) -> None:
    found = await stored(database, token)
    async with database.write() as db:
        await db.execute(update(RefreshToken).where(RefreshToken.id == found.id).values(**values))


async def test_refreshing_rotates_the_token_within_its_session(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    answer = await rotate(client, account.refresh_token)
    assert answer.status_code == 200, answer.text
    successor = answer.json()["refreshToken"]
    assert successor != account.refresh_token
    assert len(successor) == 43
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    assert (await client.get("/auth/me", headers=headers)).json()["id"] == account.id
    before, after = await stored(database, account.refresh_token), await stored(database, successor)
    assert before.session_id == after.session_id
    assert before.used_at is not None


# SECURITY 12
async def test_fifty_refreshes_of_one_token_at_once_have_one_successor(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    answers = await asyncio.gather(*(rotate(client, account.refresh_token) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refreshToken"] for answer in answers}) == 1
    async with database.read() as db:
        family = await db.scalars(
            select(RefreshToken).join(Session).where(Session.user_id == UUID(account.id))
        )
        assert len(list(family)) == 2


# SECURITY 12
async def test_a_replay_within_ten_seconds_gets_the_same_successor(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    first = (await rotate(client, account.refresh_token)).json()["refreshToken"]
    await turn_back(database, account.refresh_token, used_at=now() - timedelta(seconds=8))
    assert (await rotate(client, account.refresh_token)).json()["refreshToken"] == first
    assert (await rotate(client, first)).status_code == 200


# SECURITY 12
async def test_a_reused_refresh_token_ends_the_family(
    client: httpx.AsyncClient, account: Any, database: Database, mails: Any
) -> None:
    fresh = (await rotate(client, account.refresh_token)).json()
    await turn_back(database, account.refresh_token, used_at=now() - timedelta(seconds=11))
    reused = await rotate(client, account.refresh_token)
    assert (reused.status_code, reused.json()["code"]) == (401, "TOKEN_REUSED")
    assert "www-authenticate" in reused.headers
    assert (await rotate(client, fresh["refreshToken"])).status_code == 401
    mail = await mails.wait_for(account.email, "token-reuse")
    assert mail.data["name"] == "Ada Lovelace"
    async with database.read() as db:
        ended = await db.scalar(select(Session).where(Session.user_id == UUID(account.id)))
        assert ended is not None
        assert ended.end_reason == "token_reused"


async def test_another_session_of_the_user_outlives_a_family_that_was_ended(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    login = {"email": account.email, "password": account.password}
    other = (await client.post("/auth/login", json=login)).json()["refreshToken"]
    await rotate(client, account.refresh_token)
    await turn_back(database, account.refresh_token, used_at=now() - timedelta(seconds=11))
    assert (await rotate(client, account.refresh_token)).json()["code"] == "TOKEN_REUSED"
    assert (await rotate(client, other)).status_code == 200


# SECURITY 12
async def test_an_idle_token_expires_after_thirty_days(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    token = await stored(database, account.refresh_token)
    assert token.expires_at - token.created_at == timedelta(days=30)
    await turn_back(database, account.refresh_token, expires_at=now() - timedelta(seconds=1))
    answer = await rotate(client, account.refresh_token)
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID")
    async with database.write() as db:
        idle = update(Session).where(Session.user_id == UUID(account.id))
        await db.execute(idle.values(last_active_at=now() - timedelta(days=30)))
    assert (await client.get("/auth/sessions", headers=account.headers)).json()["items"] == []


# SECURITY 12
async def test_rotation_never_extends_a_session_beyond_ninety_days(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    end = now() + timedelta(days=2)
    async with database.write() as db:
        session = await db.scalar(select(Session).where(Session.user_id == UUID(account.id)))
        assert session is not None
        assert session.expires_at - session.created_at == timedelta(days=90)
        session.expires_at = end
    successor = (await rotate(client, account.refresh_token)).json()["refreshToken"]
    assert (await stored(database, successor)).expires_at == end
    async with database.write() as db:
        await db.execute(update(Session).where(Session.user_id == UUID(account.id)).values(expires_at=now()))
    assert (await rotate(client, successor)).status_code == 401


# SECURITY 10
async def test_refresh_tokens_are_256_bits_stored_as_sha256_alone(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    """The first of a session is random; its successors are made with a secret of the server and a random salt."""
    tokens = [account.refresh_token]
    for _ in range(3):
        tokens.append((await rotate(client, tokens[-1])).json()["refreshToken"])
    assert len(set(tokens)) == 4
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}
    async with database.read() as db:
        rows = (await db.execute(select(RefreshToken.__table__))).all()
    stored_as = {row.sha256 for row in rows}
    for token in tokens:
        assert hashlib.sha256(token.encode()).digest() in stored_as
        assert token not in repr(rows)


# SECURITY 10
async def test_each_sign_in_has_a_session_and_a_refresh_token_of_its_own(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    login = {"email": account.email, "password": account.password}
    headers = {"Cookie": f"__Host-resumax_refresh={account.refresh_token}", "Origin": "https://resumax.test"}
    answers = [await client.post("/auth/login", json=login, headers=headers) for _ in range(3)]
    tokens = [account.refresh_token, *(answer.json()["refreshToken"] for answer in answers)]
    sessions = {(await stored(database, token)).session_id for token in tokens}
    assert len(set(tokens)) == len(sessions) == 4


async def test_bad_refresh_requests_are_problems(client: httpx.AsyncClient) -> None:
    unknown = await rotate(client, "x" * 43)
    assert (unknown.status_code, unknown.json()["code"]) == (401, "TOKEN_INVALID")
    assert (await client.post("/auth/refresh")).status_code == 401
    assert (await client.post("/auth/refresh", json={})).status_code == 401
    for body in ({"refreshToken": 1}, {"refreshToken": "x" * 300}, {"token": "x"}, []):
        answer = await client.post("/auth/refresh", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED"), body


async def counted(client: httpx.AsyncClient, outcome: str) -> float:
    lines = (await client.get("/metrics")).text.splitlines()
    name = f'sso_outcomes_total{{flow="refresh",outcome="{outcome}"}} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def test_how_refreshes_end_is_counted(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    before = {outcome: await counted(client, outcome) for outcome in ("succeeded", "refused", "reused")}
    await rotate(client, account.refresh_token)
    await rotate(client, "x" * 43)
    await turn_back(database, account.refresh_token, used_at=now() - timedelta(seconds=11))
    await rotate(client, account.refresh_token)
    assert {outcome: await counted(client, outcome) - count for outcome, count in before.items()} == {
        "succeeded": 1,
        "refused": 1,
        "reused": 1,
    }
