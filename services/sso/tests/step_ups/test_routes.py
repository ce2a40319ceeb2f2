"""Showing once more who one is, before something sensitive (RFC 9470, SECURITY 6, 10, 27)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.db import Database
from common.ids import now
from sso.security_events.models import SecurityEvent
from sso.sessions.models import Session
from sso.users.models import SUSPENDED, User

STEP_UP = "/auth/step-up"
COOKIE = "__Host-resumax_refresh"
OURS = {"Origin": "https://resumax.test"}
SENSITIVE = [
    ("POST", "/auth/mfa/totp"),
    ("DELETE", "/auth/mfa/totp"),
    ("POST", "/auth/mfa/recovery-codes"),
]


def bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['accessToken']}"}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def refresh(client: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    return await client.post("/auth/refresh", json={"refreshToken": refresh_token})


async def age(client: httpx.AsyncClient, database: Database, account: Any, **by: float) -> httpx.Response:
    """Let the sessions of `account` be authenticated longer ago; new tokens that say so."""
    async with database.write() as db:
        for session in await db.scalars(select(Session).where(Session.user_id == UUID(account.id))):
            session.authenticated_at = now() - timedelta(**by)
    return await refresh(client, account.refresh_token)


def by_password(account: Any, **more: Any) -> dict[str, Any]:
    return {"method": "password", "password": account.password, **more}


# SECURITY 10
async def test_step_up_goes_on_with_new_tokens_and_the_refresh_token_of_before_ends(
    client: httpx.AsyncClient, account: Any, database: Database, claims_of: Any
) -> None:
    old = await age(client, database, account, hours=1)
    before = claims_of(old.json()["accessToken"])
    answer = await client.post(STEP_UP, json=by_password(account), headers=bearer(old))
    after = claims_of(answer.json()["accessToken"])
    assert after["sid"] == before["sid"], "it is the same session"
    assert after["auth_time"] - before["auth_time"] >= 3595
    assert (after["acr"], after["amr"]) == (SINGLE_FACTOR, ["pwd"])
    assert refusal(await refresh(client, old.json()["refreshToken"])) == (401, "TOKEN_INVALID")
    renewed = await refresh(client, answer.json()["refreshToken"])
    assert claims_of(renewed.json()["accessToken"])["auth_time"] == after["auth_time"]


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
async def test_what_is_sensitive_needs_somebody_who_was_authenticated_lately(
    client: httpx.AsyncClient, account: Any, database: Database, method: str, path: str
) -> None:
    old = await age(client, database, account, minutes=16)
    refused = await client.request(method, path, headers=bearer(old))
    assert refusal(refused) == (401, "STEP_UP_REQUIRED")
    assert refused.headers["www-authenticate"] == (
        f'Bearer error="insufficient_user_authentication", acr_values="{SINGLE_FACTOR}", max_age="900"'
    )
    confirmed = await client.post(STEP_UP, json=by_password(account), headers=bearer(old))
    allowed = await client.request(method, path, headers=bearer(confirmed))
    assert allowed.status_code in {200, 404, 409}, "there is no app to remove yet, nor anything for codes"


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
async def test_with_a_second_factor_on_the_account_it_is_asked_for(
    client: httpx.AsyncClient, protected: Any, method: str, path: str
) -> None:
    refused = await client.request(method, path, headers=protected.headers)
    assert refusal(refused) == (401, "STEP_UP_REQUIRED")
    assert f'acr_values="{MULTI_FACTOR}"' in refused.headers["www-authenticate"]
    password = await client.post(STEP_UP, json=by_password(protected.account), headers=protected.headers)
    assert refusal(password) == (401, "STEP_UP_REQUIRED"), "the password does not stand in for it"
    assert f'acr_values="{MULTI_FACTOR}"' in password.headers["www-authenticate"]
    body = {"method": "totp", "code": await protected.code()}
    confirmed = await client.post(STEP_UP, json=body, headers=protected.headers)
    assert (await client.request(method, path, headers=bearer(confirmed))).status_code in {200, 201, 204}


async def test_a_second_factor_that_was_shown_too_long_ago_is_asked_for_again(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any, database: Database, claims_of: Any
) -> None:
    headers = await signed_in_with_mfa(protected)
    async with database.write() as db:
        session_id = UUID(claims_of(headers["Authorization"].removeprefix("Bearer "))["sid"])
        (await db.get_one(Session, session_id)).authenticated_at = now() - timedelta(minutes=16)
    body = {"method": "recovery_code", "code": protected.recovery_codes[0]}
    answer = await client.post(STEP_UP, json=body, headers=headers)
    found = claims_of(answer.json()["accessToken"])
    assert (found["acr"], found["amr"]) == (MULTI_FACTOR, ["pwd", "otp", "mfa"])
    assert now().timestamp() - found["auth_time"] < 60
    again = await client.post(STEP_UP, json=body, headers=headers)
    assert refusal(again) == (401, "INVALID_CODE")


async def test_once_the_last_second_factor_is_gone_a_password_makes_it_one_factor_again(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any, claims_of: Any
) -> None:
    headers = await signed_in_with_mfa(protected)
    assert (await client.delete("/auth/mfa/totp", headers=headers)).status_code == 204
    answer = await client.post(STEP_UP, json=by_password(protected.account), headers=headers)
    assert claims_of(answer.json()["accessToken"])["acr"] == SINGLE_FACTOR


# SECURITY 6
async def test_wrong_passwords_count_like_failed_sign_ins(
    client: httpx.AsyncClient, account: Any, claims_of: Any
) -> None:
    for _ in range(5):
        wrong = await client.post(
            STEP_UP, json={"method": "password", "password": "not it"}, headers=account.headers
        )
        assert refusal(wrong) == (401, "INVALID_CREDENTIALS")
    right = await client.post(STEP_UP, json=by_password(account), headers=account.headers)
    assert refusal(right) == (401, "INVALID_CREDENTIALS")
    login = {"email": account.email, "password": account.password}
    assert (await client.post("/auth/login", json=login)).status_code == 401
    assert (await refresh(client, account.refresh_token)).status_code == 200, "the session goes on"


# SECURITY 6
async def test_wrong_codes_count_like_those_of_sign_ins(client: httpx.AsyncClient, protected: Any) -> None:
    body = {"method": "totp", "code": "000000"}
    for _ in range(5):
        wrong = await client.post(STEP_UP, json=body, headers=protected.headers)
        assert refusal(wrong) == (401, "INVALID_CODE")
    right = {"method": "totp", "code": await protected.code()}
    locked = await client.post(STEP_UP, json=right, headers=protected.headers)
    assert refusal(locked) == (429, "TOO_MANY_ATTEMPTS")
    login = {"email": protected.account.email, "password": protected.account.password}
    token = (await client.post("/auth/login", json=login)).json()["challengeToken"]
    body = {"challengeToken": token, "method": "totp", "code": await protected.code()}
    assert (await client.post("/auth/login/mfa", json=body, headers=protected.origin)).status_code == 429


# SECURITY 10, 11
async def test_a_session_that_came_by_cookie_gets_its_next_one_by_cookie(
    client: httpx.AsyncClient, account: Any
) -> None:
    login = {"email": account.email, "password": account.password, "useCookie": True}
    entered = await client.post("/auth/login", json=login)
    old = entered.cookies[COOKIE]
    client.cookies.clear()
    headers = bearer(entered) | {"Cookie": f"{COOKIE}={old}"}
    foreign = await client.post(
        STEP_UP, json=by_password(account), headers=headers | {"Origin": "https://evil.test"}
    )
    assert refusal(foreign) == (403, "ORIGIN_REFUSED")
    answer = await client.post(STEP_UP, json=by_password(account), headers=headers | OURS)
    client.cookies.clear()
    assert answer.status_code == 200, answer.text
    assert "refreshToken" not in answer.json()
    for value, status in ((old, 401), (answer.cookies[COOKIE], 200)):
        found = await client.post("/auth/refresh", headers=OURS | {"Cookie": f"{COOKIE}={value}"})
        client.cookies.clear()
        assert found.status_code == status


async def test_another_sessions_cookie_is_left_alone(
    client: httpx.AsyncClient, account: Any, register: Any
) -> None:
    other = await register()
    headers = account.headers | {"Cookie": f"{COOKIE}={other.refresh_token}"}
    answer = await client.post(STEP_UP, json=by_password(account), headers=headers)
    assert "refreshToken" in answer.json()
    assert "set-cookie" not in answer.headers
    assert (await refresh(client, other.refresh_token)).status_code == 200


async def test_a_session_that_has_ended_and_an_account_that_was_suspended_step_up_no_more(
    client: httpx.AsyncClient, protected: Any, database: Database
) -> None:
    body = {"method": "totp", "code": await protected.code()}
    user_id = UUID(protected.account.id)
    async with database.write() as db:
        await db.execute(update(Session).where(Session.user_id == user_id).values(ended_at=now()))
    assert (await client.post(STEP_UP, json=body, headers=protected.headers)).status_code == 401
    async with database.write() as db:
        await db.execute(update(Session).where(Session.user_id == user_id).values(ended_at=None))
        (await db.get_one(User, user_id)).status = SUSPENDED
    assert (await client.post(STEP_UP, json=body, headers=protected.headers)).status_code == 401
    async with database.write() as db:
        (await db.get_one(User, user_id)).status = "active"
    assert (await client.post(STEP_UP, json=body, headers=protected.headers)).status_code == 200


@pytest.mark.parametrize(
    "body", [{"method": "password"}, {"method": "totp"}, {"method": "email", "code": "1"}]
)
async def test_a_method_without_what_belongs_to_it_is_refused(
    client: httpx.AsyncClient, account: Any, body: dict[str, str]
) -> None:
    answer = await client.post(STEP_UP, json=body, headers=account.headers)
    assert refusal(answer) == (400, "VALIDATION_FAILED")


# SECURITY 27
async def test_steps_up_and_failures_are_on_the_trail(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    await client.post(STEP_UP, json={"method": "password", "password": "not it"}, headers=account.headers)
    await client.post(STEP_UP, json=by_password(account), headers=account.headers)
    async with database.read() as db:
        wanted = select(SecurityEvent).where(SecurityEvent.user_id == UUID(account.id))
        events = list(await db.scalars(wanted.order_by(SecurityEvent.id)))
    assert [event.kind for event in events][1:] == ["step_up.failed", "session.stepped_up"]
