"""The same service on PostgreSQL, by its URL alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pyotp
import pytest
import pytest_asyncio

import sso.app
from common.testing.served import served
from sso.api_keys import service as api_keys
from sso.settings import Settings


@pytest.fixture(scope="module")
def url(migrated_postgres: Callable[[str], str]) -> str:
    return migrated_postgres(sso.app.__file__)


@pytest_asyncio.fixture(scope="module")
async def on_postgres(sso_settings: Callable[..., Settings], url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with served(sso.app.create_app(sso_settings(database_url=url))) as client:
        yield client


async def test_the_whole_path_works_on_postgresql(on_postgres: httpx.AsyncClient, mails: Any) -> None:
    client = on_postgres
    body = {"email": "Ada@postgres.test", "password": "correct horse battery", "name": "Ada"}
    made = await asyncio.gather(*(client.post("/auth/register", json=body) for _ in range(3)))
    assert sorted(answer.status_code for answer in made) == [201, 409, 409]
    token = (await mails.wait_for(body["email"], "verify-email")).data["token"]
    verified = await asyncio.gather(*(client.post("/auth/verify", json={"token": token}) for _ in range(5)))
    assert sorted(answer.status_code for answer in verified) == [204] + [400] * 4
    login = {"email": body["email"].lower(), "password": body["password"]}
    tokens = (await client.post("/auth/login", json=login)).json()
    refresh = {"refreshToken": tokens["refreshToken"]}
    answers = await asyncio.gather(*(client.post("/auth/refresh", json=refresh) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refreshToken"] for answer in answers}) == 1
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    me = (await client.get("/auth/me", headers=headers)).json()
    assert (me["emailVerified"], me["createdAt"][-1]) == (True, "Z")
    assert (await client.post("/auth/login", json=login | {"password": "wrong one"})).status_code == 401
    assert (await client.post("/auth/logout-all", headers=headers)).status_code == 204
    assert (await client.post("/auth/refresh", json=refresh)).status_code == 401


async def test_keys_made_at_once_on_postgresql_stay_within_the_limit(
    on_postgres: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "MOST", 3)
    body = {"email": "keys@postgres.test", "password": "correct horse battery", "name": "Ada"}
    tokens = (await on_postgres.post("/auth/register", json=body)).json()
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    wanted = {"name": "Build", "scopes": ["resumes:read"]}
    made = await asyncio.gather(
        *(on_postgres.post("/auth/api-keys", json=wanted, headers=headers) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in made) == [201] * 3 + [409] * 5


# SECURITY 12
async def test_refreshes_of_one_token_at_two_replicas_on_postgresql_have_one_successor(
    on_postgres: httpx.AsyncClient, sso_settings: Callable[..., Settings], url: str
) -> None:
    body = {"email": "replicas@postgres.test", "password": "correct horse battery", "name": "Ada"}
    tokens = (await on_postgres.post("/auth/register", json=body)).json()
    async with served(sso.app.create_app(sso_settings(database_url=url))) as other:
        for _ in range(5):
            refresh = {"refreshToken": tokens["refreshToken"]}
            at = (on_postgres, other)
            answers = await asyncio.gather(
                *(at[n % 2].post("/auth/refresh", json=refresh) for n in range(50))
            )
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["refreshToken"] for answer in answers}) == 1
            tokens = answers[0].json()


async def test_staff_search_on_postgresql(on_postgres: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "scope": "internal", "audience": "sso"}
    auth = ("admin", "secret-of-admin")
    token = (await on_postgres.post("/oauth2/token", data=form, auth=auth)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for i in range(3):
        body = {"email": f"p{i}@postgres.test", "password": "correct horse battery", "name": f"Päge {i}"}
        assert (await on_postgres.post("/auth/register", json=body)).status_code == 201
    first = (await on_postgres.get("/internal/users?q=PÄGE&limit=2", headers=headers)).json()
    rest = (
        await on_postgres.get(f"/internal/users?q=päge&cursor={first['nextCursor']}", headers=headers)
    ).json()
    assert [user["name"] for user in first["items"] + rest["items"]] == ["Päge 2", "Päge 1", "Päge 0"]
    path = f"/internal/users/{rest['items'][0]['id']}"
    suspended = await on_postgres.patch(path, json={"status": "suspended"}, headers=headers)
    assert suspended.json()["status"] == "suspended"


# SECURITY 8
async def test_second_factors_at_once_on_postgresql(on_postgres: httpx.AsyncClient) -> None:
    client = on_postgres
    body = {"email": "mfa@postgres.test", "password": "correct horse battery", "name": "Ada"}
    made = (await client.post("/auth/register", json=body)).json()
    headers = {"Authorization": f"Bearer {made['accessToken']}"}
    setups = await asyncio.gather(*(client.post("/auth/mfa/totp", headers=headers) for _ in range(3)))
    assert {answer.status_code for answer in setups} == {200}
    app = pyotp.TOTP((await client.post("/auth/mfa/totp", headers=headers)).json()["secret"])
    left = 30 - time.time() % 30
    await asyncio.sleep(
        left if left < 3 else 0
    )  # not at the end of a step, where the code would be of two ago
    first = {"code": app.at(time.time() - 30)}
    confirmed = await asyncio.gather(
        *(client.post("/auth/mfa/totp/confirm", json=first, headers=headers) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in confirmed) == [200, 409, 409]
    (codes,) = [answer.json()["recoveryCodes"] for answer in confirmed if answer.status_code == 200]

    async def answers(method: str, code: str, *, times: int, challenges: int) -> list[str]:
        """How `times` answers at once end, over so many sign-ins."""
        login = {"email": body["email"], "password": body["password"]}
        tokens = [
            (await client.post("/auth/login", json=login)).json()["challengeToken"] for _ in range(challenges)
        ]
        found = await asyncio.gather(
            *(
                client.post(
                    "/auth/login/mfa",
                    json={"challengeToken": tokens[turn % challenges], "method": method, "code": code},
                )
                for turn in range(times)
            )
        )
        return sorted(answer.json().get("code", "signed in") for answer in found)

    assert await answers("totp", app.now(), times=4, challenges=4) == ["INVALID_CODE"] * 3 + ["signed in"]
    used = await answers("recovery_code", codes[0], times=4, challenges=1)
    assert used == ["CHALLENGE_EXPIRED"] * 3 + ["signed in"]
    wrong = await answers("totp", "000000", times=9, challenges=1)
    assert wrong == ["CHALLENGE_EXPIRED"] * 4 + ["INVALID_CODE"] * 5


# SECURITY 6, 8
async def test_attempts_and_resets_at_once_at_two_replicas_on_postgresql(
    on_postgres: httpx.AsyncClient, sso_settings: Callable[..., Settings], url: str, mails: Any
) -> None:
    body = {"email": "attacked@postgres.test", "password": "correct horse battery", "name": "Ada"}
    await on_postgres.post("/auth/register", json=body)
    right = {"email": body["email"], "password": body["password"]}
    async with served(sso.app.create_app(sso_settings(database_url=url))) as other:
        at = (on_postgres, other)
        before = await verified(on_postgres)
        guesses = [
            at[n % 2].post(
                "/auth/login",
                json=right | {"password": f"guess number {n}"},
                headers={"X-Forwarded-For": f"192.0.2.{n}"},
            )
            for n in range(60)
        ]
        assert {answer.status_code for answer in await asyncio.gather(*guesses)} == {401}
        assert await verified(on_postgres) - before == 5
        assert (await other.post("/auth/login", json=right)).status_code == 401
        asked = {"email": body["email"]}
        await asyncio.gather(*(at[n % 2].post("/auth/password-reset/request", json=asked) for n in range(8)))
        link = (await mails.wait_for(body["email"], "password-reset", count=3)).data["link"]
        reset = {"token": link.partition("token=")[2], "password": "a staple that nobody knew"}
        done = [at[n % 2].post("/auth/password-reset/confirm", json=reset) for n in range(6)]
        assert sorted(answer.status_code for answer in await asyncio.gather(*done)) == [204] + [400] * 5
        assert (await other.post("/auth/login", json=right | {"password": reset["password"]})).is_success
        assert len(mails.to(body["email"], "password-reset")) == 3


async def verified(client: httpx.AsyncClient) -> float:
    """How many passwords were verified against the hash of an account."""
    lines = (await client.get("/metrics")).text.splitlines()
    wanted = 'sso_password_hashes_total{of="account"}'
    return sum(float(line.split()[-1]) for line in lines if line.startswith(wanted))
