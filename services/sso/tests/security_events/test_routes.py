from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from common.db import Database
from common.ids import new_id, now
from common.sealing import MasterKey
from sso import upkeep
from sso.keys.vault import Vault
from sso.security_events.models import SecurityEvent
from sso.settings import Settings


async def test_what_happened_to_an_account_is_on_record_for_its_owner_alone(
    client: httpx.AsyncClient, register: Any
) -> None:
    """SECURITY 27: every authentication success and failure is recorded."""
    mine, other = await register(), await register()
    login = {"email": mine.email, "password": "not the right one at all"}
    await client.post("/auth/login", json=login, headers={"X-Forwarded-For": "203.0.113.77"})
    await client.post("/auth/login", json=login | {"password": mine.password})
    listed = (await client.get("/auth/security-events", headers=mine.headers)).json()["items"]
    kinds = [event["kind"] for event in listed]
    assert kinds[-1] == "user.registered"
    assert kinds.index("login.succeeded") < kinds.index("login.failed")
    failed = next(event for event in listed if event["kind"] == "login.failed")
    assert failed["ip"] == "203.0.113.77"
    others = (await client.get("/auth/security-events", headers=other.headers)).json()["items"]
    assert [event["kind"] for event in others] == ["user.registered"]


async def test_the_trail_is_read_page_by_page(client: httpx.AsyncClient, account: Any) -> None:
    for _ in range(4):
        await client.post("/auth/login", json={"email": account.email, "password": account.password})
    every = (await client.get("/auth/security-events", headers=account.headers)).json()["items"]
    paged: list[str] = []
    cursor = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = (await client.get("/auth/security-events", params=params, headers=account.headers)).json()
        assert len(answer["items"]) <= 2
        paged += [event["id"] for event in answer["items"]]
        cursor = answer["nextCursor"]
        if cursor is None:
            break
    assert paged == [event["id"] for event in every]


async def test_the_trail_needs_its_owner(client: httpx.AsyncClient) -> None:
    assert (await client.get("/auth/security-events")).status_code == 401
    made_up = {"Authorization": "Bearer a.b.c"}
    assert (await client.get("/auth/security-events", headers=made_up)).status_code == 401


async def test_the_trail_is_kept_for_as_long_as_it_is_said_and_what_is_nobodys_for_90_days(
    account: Any, database: Database, settings: Settings
) -> None:
    """Settings: SSO_SECURITY_EVENTS_KEPT_DAYS."""
    assert settings.security_events_kept_days == 400
    mine, kind = UUID(account.id), f"test.{new_id().hex}"
    async with database.write() as db:
        for user_id, days in ((mine, 399), (mine, 401), (None, 89), (None, 91)):
            event = SecurityEvent(
                user_id=user_id,
                kind=kind,
                ip="",
                user_agent=f"{days}",
                details={},
                at=now() - timedelta(days),
            )
            db.add(event)

    async def kept(**changes: Any) -> set[str]:
        await upkeep.once(database, Vault(MasterKey(settings.key_encryption_key)), at=now(), **changes)
        async with database.read() as db:
            found = select(SecurityEvent.user_agent).where(SecurityEvent.kind == kind)
            return set(await db.scalars(found))

    assert await kept() == {"399", "89"}
    assert await kept(events_kept=timedelta(days=398)) == {"89"}
