"""A logout that was promised is kept, whatever is killed on the way."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from sqlalchemy import select
from sso_standins.listener import Listener

import sso.app
from common.db import Database
from common.ids import now
from common.testing.fixtures import eventually
from common.testing.ports import free_port
from common.testing.processes import Nats, Process, accepts
from sso.callers import Caller
from sso.clients.models import PUBLIC, OAuthClient
from sso.logouts.models import BackchannelLogout
from sso.sessions import service as sessions
from sso.sessions.service import Grant
from sso.users.models import User

CALLER = Caller(ip="192.0.2.1", user_agent="tests")
APP = "com.example.board"


@pytest_asyncio.fixture
async def process(
    broker: Nats, account_service: Any, migrated: Callable[[str], str]
) -> AsyncIterator[tuple[Process, httpx.AsyncClient, Database]]:
    port, url = free_port(), migrated(sso.app.__file__)
    environ = dict(os.environ) | {
        "RESUMAX_ENVIRONMENT": "development",
        "RESUMAX_PUBLIC_URL": "http://localhost:8080",
        "RESUMAX_NATS_URL": broker.url,
        "RESUMAX_S3_ENDPOINT": "http://127.0.0.1:9",
        "RESUMAX_S3_ACCESS_KEY": "dev-a",
        "RESUMAX_S3_SECRET_KEY": "dev-b",
        **{f"RESUMAX_{name}_URL": "http://127.0.0.1:9" for name in ("SSO", "API", "ADMIN", "PROCESSOR")},
        "RESUMAX_ACCOUNT_URL": account_service[1].rstrip("/"),
        "SSO_PORT": str(port),
        "SSO_DATABASE_URL": url,
        "SSO_KEY_ENCRYPTION_KEY": f"dev-{base64.urlsafe_b64encode(b'p' * 32).decode()}",
        "SSO_SERVICE_CLIENTS": '{"admin": "dev-secret-of-admin"}',
        "SSO_ARGON2_MEMORY_KIB": str(19 * 1024),
        "SSO_ARGON2_TIME": "2",
        "SSO_ARGON2_PARALLELISM": "1",
    }
    process = Process([sys.executable, "-m", "sso", "serve"], ready=lambda: accepts(port), env=environ)
    database = Database(url)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        await asyncio.to_thread(process.start)
        yield process, client, database
    await asyncio.to_thread(process.stop)
    await database.close()


async def sign_in_to_app(database: Database, user_id: UUID, uri: str) -> None:
    async with database.write() as db:
        by_staff = {"created_by": user_id, "backchannel_logout_uri": uri}
        db.add(OAuthClient(id=APP, kind=PUBLIC, auth_method="none", **by_staff))
        user = await db.get_one(User, user_id)
        await sessions.start(db, user, caller=CALLER, grant=Grant(client_id=APP, scope="openid"))


# SECURITY 21
async def test_an_app_hears_of_a_logout_though_it_and_we_were_killed_meanwhile(
    process: tuple[Process, httpx.AsyncClient, Database],
) -> None:
    running, client, database = process
    body = {"email": "k@example.org", "password": "correct horse battery", "name": "K"}
    made = (await client.post("/auth/register", json=body)).json()
    listener = Listener()
    await sign_in_to_app(database, UUID(made["user"]["id"]), listener.uri)
    headers = {"Authorization": f"Bearer {made['accessToken']}"}
    assert (await client.post("/auth/logout-all", headers=headers)).status_code == 204
    await asyncio.to_thread(running.kill)
    await listener.start()
    async with database.write() as db:
        (row,) = await db.scalars(select(BackchannelLogout))
        row.next_attempt_at = now()
    await asyncio.to_thread(running.start)
    await listener.wait_for(1)

    async def nothing_is_left() -> bool:
        async with database.read() as db:
            return not list(await db.scalars(select(BackchannelLogout)))

    await eventually(nothing_is_left)
    assert len(listener.requests) == 1
    await listener.stop()
