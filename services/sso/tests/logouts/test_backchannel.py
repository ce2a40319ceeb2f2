"""Apps are told of sessions that ended (OpenID Connect Back-Channel Logout 1.0), by requests to a real server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import func, select, update
from sso_standins.apps import SCOPE, App, RegisterApp
from sso_standins.listener import Listener, listening

import sso.app
from common.db import Database
from common.ids import now
from common.testing.fixtures import eventually
from common.testing.served import served
from sso.callers import Caller
from sso.logouts.deliveries import GIVE_UP_AFTER, LONGEST_DELAY, next_attempt
from sso.logouts.models import BackchannelLogout
from sso.sessions import service as sessions
from sso.sessions.service import REVOKED_BY_CLIENT
from sso.settings import Settings

CALLER = Caller(ip="192.0.2.1", user_agent="tests")
EVENT = "http://schemas.openid.net/event/backchannel-logout"
ONLINE = "openid resumes:read"


@pytest_asyncio.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening() as listener:
        yield listener


@pytest_asyncio.fixture
async def listening_app(register_app: RegisterApp, listener: Listener) -> App:
    return await register_app(backchannel_logout_uri=listener.uri)


async def claims_as_its_client_reads_them(app: App, token: str) -> dict[str, Any]:
    """Verified as section 2.6 says, step by step."""
    keys = KeySet.import_key_set((await app.http.get("/.well-known/jwks.json")).json())
    read = jwt.decode(token, keys, algorithms=["RS256"])
    assert read.header["typ"] == "logout+jwt"
    claims = dict(read.claims)
    assert claims["iss"] == "https://resumax.test"
    assert claims["aud"] == app.id
    assert claims["iat"] <= time.time() + 1
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert claims["jti"]
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"}
    return claims


async def pending(database: Database, client_id: str) -> list[BackchannelLogout]:
    async with database.read() as db:
        wanted = select(BackchannelLogout).where(BackchannelLogout.client_id == client_id)
        return list(await db.scalars(wanted))


async def nothing_is_pending(database: Database, client_id: str) -> None:
    async def none() -> bool:
        return not await pending(database, client_id)

    await eventually(none)


async def let_time_pass(database: Database, client_id: str, **columns: Any) -> None:
    """Until what waits for `client_id` is due."""
    async with database.write() as db:
        rows = update(BackchannelLogout).where(BackchannelLogout.client_id == client_id)
        await db.execute(rows.values({"next_attempt_at": now()} | columns))


async def tried(database: Database, client_id: str, attempts: int) -> None:
    """Until `attempts` at telling the client have failed."""

    async def enough() -> bool:
        return any(row.attempts >= attempts for row in await pending(database, client_id))

    await eventually(enough)


# SECURITY 21
async def test_an_app_is_told_by_a_token_that_it_can_verify(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    given = await listening_app.sign_in(account)
    id_token = await listening_app.verified(given["id_token"])
    await client.post("/auth/logout", headers=account.headers)
    (token,) = await listener.wait_for(1)
    claims = await claims_as_its_client_reads_them(listening_app, token)
    assert (claims["sub"], claims["sid"]) == (account.id, id_token["sid"])
    ((request, headers, form),) = listener.requests
    assert request == "POST /backchannel?app=1 HTTP/1.1"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert form.keys() == {"logout_token"}
    assert "cookie" not in headers
    await nothing_is_pending(database, listening_app.id)


async def end(
    how: str, client: httpx.AsyncClient, account: Any, app: App, service_headers: Any, mails: Any
) -> None:
    """End the account's session in the way that is called `how`."""
    user, staff = f"/internal/users/{account.id}", await service_headers()
    if how in {"logout", "logout-all"}:
        answer = await client.post(f"/auth/{how}", headers=account.headers)
    elif how == "signed out from a list":
        (session,) = [
            one
            for one in (await client.get("/auth/sessions", headers=account.headers)).json()["items"]
            if one["current"]
        ]
        answer = await client.delete(f"/auth/sessions/{session['id']}", headers=account.headers)
    elif how == "password reset":
        await client.post("/auth/password-reset/request", json={"email": account.email})
        link = (await mails.wait_for(account.email, "password-reset")).data["link"]
        body = {"token": parse_qs(urlsplit(link).query)["token"][0], "password": "a staple that nobody knew"}
        answer = await client.post("/auth/password-reset/confirm", json=body)
    elif how == "suspended":
        answer = await client.patch(user, json={"status": "suspended"}, headers=staff)
    elif how == "ended by staff":
        answer = await client.delete(f"{user}/sessions", headers=staff)
    elif how == "deleted":
        answer = await client.delete(user, headers=await service_headers("account"))
    else:
        answer = await client.delete(f"/auth/consents/{app.id}", headers=account.headers)
    assert answer.is_success, answer.text


WAYS = [
    "logout", "logout-all", "signed out from a list", "password reset", "suspended", "ended by staff", "deleted",
]  # fmt: skip


# SECURITY 13
@pytest.mark.parametrize("how", WAYS)
async def test_whatever_ends_a_session_its_apps_end_with_it_and_are_told(
    client: httpx.AsyncClient,
    listening_app: App,
    listener: Listener,
    account: Any,
    service_headers: Any,
    mails: Any,
    how: str,
) -> None:
    given = await listening_app.sign_in(account, scope=ONLINE)
    await end(how, client, account, listening_app, service_headers, mails)

    async def is_refused() -> bool:
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        return (await client.get("/oauth2/userinfo", headers=headers)).status_code == 401

    await eventually(is_refused, within=1.0)
    refreshed = await listening_app.refresh(given["refresh_token"])
    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")
    (token,) = await listener.wait_for(1)
    assert (await claims_as_its_client_reads_them(listening_app, token))["sub"] == account.id


async def test_an_app_with_offline_access_is_told_and_goes_on(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    given = await listening_app.sign_in(account, scope=SCOPE)
    await client.post("/auth/logout", headers=account.headers)
    await listener.wait_for(1)
    assert (await listening_app.refresh(given["refresh_token"])).status_code == 200
    await nothing_is_pending(database, listening_app.id)
    assert len(listener.requests) == 1


async def test_ending_everything_ends_offline_access_too_and_tells_it_once(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    given = await listening_app.sign_in(account, scope=SCOPE)
    await client.post("/auth/logout-all", headers=account.headers)
    assert (await listening_app.refresh(given["refresh_token"])).status_code == 400
    await listener.wait_for(1)
    await nothing_is_pending(database, listening_app.id)
    assert len(listener.requests) == 1


async def test_an_app_that_has_still_to_hear_of_a_session_does_not_hear_of_it_twice(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    await listening_app.sign_in(account, scope=SCOPE)
    await listener.stop()
    login = {"email": account.email, "password": account.password}
    elsewhere = (await client.post("/auth/login", json=login)).json()["accessToken"]
    await client.post("/auth/logout", headers=account.headers)
    assert len(await pending(database, listening_app.id)) == 1
    await client.post("/auth/logout-all", headers={"Authorization": f"Bearer {elsewhere}"})
    assert len(await pending(database, listening_app.id)) == 1


async def test_an_app_that_gave_its_tokens_back_itself_is_not_told(
    listening_app: App, account: Any, database: Database
) -> None:
    given = await listening_app.sign_in(account, scope=ONLINE)
    sid = UUID((await listening_app.verified(given["access_token"]))["sid"])
    async with database.write() as db:
        await sessions.end(db, sid, user_id=UUID(account.id), caller=CALLER, reason=REVOKED_BY_CLIENT)
    assert await pending(database, listening_app.id) == []


async def test_an_app_that_does_not_listen_is_not_waited_for(
    client: httpx.AsyncClient, app: App, account: Any, database: Database
) -> None:
    await app.sign_in(account, scope=ONLINE)
    await client.post("/auth/logout", headers=account.headers)
    assert await pending(database, app.id) == []


async def test_a_token_waits_for_an_app_that_is_down_and_comes_once_when_it_is_back(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    await listening_app.sign_in(account, scope=ONLINE)
    await listener.stop()
    await client.post("/auth/logout", headers=account.headers)
    await tried(database, listening_app.id, 1)
    (row,) = await pending(database, listening_app.id)
    assert row.next_attempt_at > now() + timedelta(seconds=1)
    await let_time_pass(database, listening_app.id)
    await tried(database, listening_app.id, 2)
    await listener.start()
    await let_time_pass(database, listening_app.id)
    await listener.wait_for(1)
    await nothing_is_pending(database, listening_app.id)
    assert len(listener.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/elsewhere\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 400 Bad Request\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
    ],
)
async def test_no_answer_but_success_counts_and_no_redirect_is_followed(
    client: httpx.AsyncClient,
    listening_app: App,
    listener: Listener,
    account: Any,
    database: Database,
    answer: bytes,
) -> None:
    listener.answer = answer.replace(b"{port}", str(listener.port).encode())
    await listening_app.sign_in(account, scope=ONLINE)
    await client.post("/auth/logout", headers=account.headers)
    await tried(database, listening_app.id, 1)
    assert [request.split()[1] for request, _, _ in listener.requests] == ["/backchannel?app=1"]
    listener.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    await let_time_pass(database, listening_app.id)
    await listener.wait_for(2)
    await nothing_is_pending(database, listening_app.id)
    assert not [headers for _, headers, _ in listener.requests if "cookie" in headers]
    jtis = [(await claims_as_its_client_reads_them(listening_app, token))["jti"] for token in listener.tokens]
    assert len(set(jtis)) == 2


async def test_an_answer_is_not_read_to_its_end(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    listener.answer, listener.endless = b"HTTP/1.1 200 OK\r\n\r\n", True
    await listening_app.sign_in(account, scope=ONLINE)
    await client.post("/auth/logout", headers=account.headers)
    await nothing_is_pending(database, listening_app.id)


async def test_apps_that_never_answer_hold_up_no_other_and_get_few_requests_at_once(
    client: httpx.AsyncClient, register_app: RegisterApp, register: Any, database: Database
) -> None:
    async with listening(silent=True) as slow, listening() as quick:
        slow_app = await register_app(backchannel_logout_uri=slow.uri)
        quick_app = await register_app(backchannel_logout_uri=quick.uri)
        accounts = [await register() for _ in range(6)]
        for account in accounts:
            await slow_app.sign_in(account, scope=ONLINE)
        await quick_app.sign_in(accounts[-1], scope=ONLINE)
        for account in accounts:
            await client.post("/auth/logout", headers=account.headers)
        await quick.wait_for(1, within=3.0)
        await slow.wait_for(4)
        assert slow.most_at_once == 4
        async with database.write() as db:
            await db.execute(BackchannelLogout.__table__.delete())  # type: ignore[attr-defined]


async def test_after_a_day_an_app_is_given_up(
    client: httpx.AsyncClient, listening_app: App, listener: Listener, account: Any, database: Database
) -> None:
    listener.answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    await listening_app.sign_in(account, scope=ONLINE)
    await client.post("/auth/logout", headers=account.headers)
    await tried(database, listening_app.id, 1)
    almost = now() - GIVE_UP_AFTER + timedelta(minutes=1)
    await let_time_pass(database, listening_app.id, created_at=almost)
    await tried(database, listening_app.id, 2)
    await let_time_pass(database, listening_app.id, created_at=now() - GIVE_UP_AFTER)
    await nothing_is_pending(database, listening_app.id)
    assert len(listener.requests) == 3


def test_each_attempt_waits_longer_up_to_an_hour_and_not_all_at_the_same_moment() -> None:
    at = now()
    delays = [
        [(next_attempt(attempts, at=at) - at).total_seconds() for _ in range(50)] for attempts in range(20)
    ]
    for attempts, seen in enumerate(delays):
        middle = min(5 * 2**attempts, LONGEST_DELAY.total_seconds())
        assert middle / 2 <= min(seen) < max(seen) <= middle * 1.5
        assert len(set(seen)) > 40
    assert next_attempt(10_000, at=at) - at <= LONGEST_DELAY * 1.5


@asynccontextmanager
async def two_replicas(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with served(sso.app.create_app(settings)) as one, served(sso.app.create_app(settings)):
        yield one


async def test_of_several_replicas_one_delivers(
    sso_settings: Callable[..., Settings], listener: Listener, mails: Any
) -> None:
    settings = sso_settings()
    database = Database(settings.database_url)
    async with two_replicas(settings) as client:
        body = {"email": "r@example.org", "password": "correct horse battery", "name": "R"}
        made = (await client.post("/auth/register", json=body)).json()
        await note(database, UUID(made["user"]["id"]), listener, count=10)
        await listener.wait_for(10)
        await asyncio.sleep(1.2)
        assert len(listener.requests) == 10
        async with database.read() as db:
            assert await db.scalar(select(func.count()).select_from(BackchannelLogout)) == 0
    await database.close()


async def note(database: Database, user_id: UUID, listener: Listener, *, count: int) -> None:
    """Have `count` logouts wait for the listener's app."""
    async with database.write() as db:
        for _ in range(count):
            db.add(BackchannelLogout(client_id="api", uri=listener.uri, user_id=user_id, session_id=user_id))
