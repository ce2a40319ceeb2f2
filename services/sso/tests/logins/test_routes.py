import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

import sso.app
from common.db import Database
from common.testing.served import served
from sso.logins.models import LoginAttempt
from sso.security_events.models import SecurityEvent
from sso.settings import Settings
from sso.users.models import SUSPENDED, User

VARYING = {"x-request-id", "date", "x-ratelimit-remaining"}


async def suspend(database: Database, account: Any) -> None:
    async with database.write() as db:
        user = await db.get_one(User, UUID(account.id))
        user.status = SUSPENDED


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


async def test_wrong_unknown_and_suspended_are_told_apart_by_nothing(
    client: httpx.AsyncClient, register: Any, database: Database
) -> None:
    known, suspended = await register(), await register()
    await suspend(database, suspended)
    bodies = {
        "wrong": {"email": known.email, "password": "not the right one"},
        "unknown": {"email": "nobody@example.org", "password": known.password},
        "suspended": {"email": suspended.email, "password": suspended.password},
    }
    seen, times = {}, {name: [] for name in bodies}  # type: dict[str, Any], dict[str, list[float]]
    for _ in range(12):
        for name, body in bodies.items():
            started = time.perf_counter()
            answer = await client.post("/auth/login", json=body)
            times[name].append(time.perf_counter() - started)
            problem = answer.json()
            assert problem.pop("requestId")
            seen[name] = (
                answer.status_code,
                problem,
                {name: value for name, value in answer.headers.items() if name not in VARYING},
            )
    assert seen["wrong"][0] == 401
    assert seen["wrong"][1]["code"] == "INVALID_CREDENTIALS"
    assert seen["wrong"] == seen["unknown"] == seen["suspended"]
    # Other work on the machine only ever adds time, so the quickest of each tells the most. Without the hash for
    # an unknown account it would take a fifth of the others.
    quickest = [min(found) for found in times.values()]
    assert max(quickest) < 2 * min(quickest), times


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
