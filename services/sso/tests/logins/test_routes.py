from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

import sso.app
from common.db import Database
from common.ids import new_id, now
from common.testing.served import served
from sso.logins.models import LoginAttempt
from sso.security_events.models import SecurityEvent
from sso.settings import Settings
from sso.users.models import SUSPENDED, User

PASSWORD, WRONG = "correct horse battery", "not the right one"
VARYING = {"x-request-id", "date", "x-ratelimit-remaining"}


async def test_signing_in_starts_a_session_of_its_own(client: httpx.AsyncClient, account: Any) -> None:
    login = {"email": account.email.upper(), "password": account.password}
    answer = await client.post("/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    assert answer.json()["refreshToken"] != account.refresh_token
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    me = (await client.get("/auth/me", headers=headers)).json()
    assert me["id"] == account.id
    assert me["lastLoginAt"].endswith("Z")
    assert len((await client.get("/auth/sessions", headers=headers)).json()["items"]) == 2


async def test_existing_unknown_unverified_locked_and_disabled_accounts_are_told_apart_by_nothing(
    client: httpx.AsyncClient, register: Any, database: Database
) -> None:
    """SECURITY 5: each costs one hash, which is nearly all of the time. (tests/bench measures that.)"""
    known, verified, suspended, locked, without = [(await register()).email for _ in range(5)]
    async with database.write() as db:
        await change(db, verified, email_verified_at=now())
        await change(db, suspended, status=SUSPENDED)
        await change(db, without, password_hash=None)
    for _ in range(5):
        await client.post("/auth/login", json={"email": locked, "password": WRONG})
    tried = {known: WRONG, verified: WRONG, suspended: PASSWORD, locked: PASSWORD, without: WRONG, "": WRONG}
    seen = []
    for _ in range(4):  # four failures lock nobody
        for email, password in tried.items():
            body = {"email": email or f"{new_id().hex}@example.org", "password": password}
            before = await hashes(client)
            answer = await client.post("/auth/login", json=body)
            assert await hashes(client) == before + 1
            problem = answer.json()
            assert problem.pop("requestId")
            headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
            seen.append((answer.status_code, problem, headers))
    assert seen[0][0] == 401
    assert seen[0][1]["code"] == "INVALID_CREDENTIALS"
    assert all(one == seen[0] for one in seen)


async def hashes(client: httpx.AsyncClient) -> float:
    """How many passwords the service has hashed."""
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("sso_password_hashes_total{"))


async def change(db: AsyncSession, email: str, **values: Any) -> None:
    await db.execute(update(User).where(User.email_key == email).values(**values))


async def test_attempts_are_on_record_though_the_request_failed(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    wrong = {"email": account.email, "password": "not the right one"}
    headers = {"X-Forwarded-For": "203.0.113.7", "User-Agent": "attacker/1"}
    await client.post("/auth/login", json=wrong, headers=headers)
    await client.post("/auth/login", json=wrong | {"password": account.password})
    async with database.read() as db:
        user_id = UUID(account.id)
        attempts = list(await db.scalars(select(LoginAttempt).where(LoginAttempt.user_id == user_id)))
        events = list(
            await db.scalars(
                select(SecurityEvent).where(SecurityEvent.user_id == user_id).order_by(SecurityEvent.id)
            )
        )
    assert sorted((attempt.succeeded, attempt.ip) for attempt in attempts) == [
        (False, "203.0.113.7"),
        (True, "127.0.0.1"),
    ]
    assert [event.kind for event in events] == ["user.registered", "login.failed", "login.succeeded"]
    assert (events[1].ip, events[1].user_agent) == ("203.0.113.7", "attacker/1")


async def test_the_hash_is_renewed_at_login_when_parameters_rise(
    sso_settings: Callable[..., Settings], settings: Settings, account: Any, client: httpx.AsyncClient
) -> None:
    """SECURITY 4"""
    login = {"email": account.email, "password": account.password}
    stronger = sso_settings(database_url=settings.database_url, argon2_time=3)
    async with served(sso.app.create_app(stronger)) as raised:
        assert (await raised.post("/auth/login", json=login)).status_code == 200
    database = Database(settings.database_url)
    async with database.read() as db:
        renewed = (await db.get_one(User, UUID(account.id))).password_hash
    await database.close()
    assert renewed is not None
    assert "t=3" in renewed
    assert (await client.post("/auth/login", json=login)).status_code == 200


async def test_sign_in_and_registration_are_limited_by_address(sso_settings: Callable[..., Settings]) -> None:
    limits = {"POST /auth/login": {"count": 3, "window": 3600}}
    async with served(sso.app.create_app(sso_settings(rate_limits=limits))) as client:
        body = {"email": "nobody@example.org", "password": "whatever it is"}
        answers = [await client.post("/auth/login", json=body) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert answers[0].headers["x-ratelimit-remaining"] == "2"
        assert "retry-after" in answers[3].headers
        other = await client.post("/auth/login", json=body, headers={"X-Forwarded-For": "203.0.113.9"})
        assert other.status_code == 401
