"""Accounts that are deactivated by their owner, or deleted, through the account service."""

from typing import Any
from uuid import UUID

import httpx
import nats
import pytest
from sqlalchemy import func, select

from common.db import Database
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from sso.sessions.models import Session
from sso.users.models import User


async def is_out(client: httpx.AsyncClient, account: Any) -> None:
    async def refused() -> bool:
        return (await client.get("/auth/me", headers=account.headers)).status_code == 401

    await eventually(refused, within=1)
    refresh = await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})
    assert refresh.status_code == 401
    login = {"email": account.email, "password": account.password}
    refused = await client.post("/auth/login", json=login)
    assert (refused.status_code, refused.json()["code"]) == (401, "INVALID_CREDENTIALS")


async def test_a_deactivated_account_is_out_everywhere_until_its_owner_comes_back(
    client: httpx.AsyncClient, account: Any, service_headers: Any
) -> None:
    """SECURITY 13: disabling an account ends sessions and access within a second."""
    path, headers = f"/internal/users/{account.id}", await service_headers("account")
    changed = await client.patch(path, json={"status": "deactivated"}, headers=headers)
    assert (changed.status_code, changed.json()["status"]) == (200, "deactivated")
    await is_out(client, account)
    assert (await client.patch(path, json={"status": "active"}, headers=headers)).status_code == 200
    login = {"email": account.email, "password": account.password}
    assert (await client.post("/auth/login", json=login)).status_code == 200


@pytest.mark.parametrize("body", [{"status": "suspended"}, {"roles": ["superadmin"]}])
async def test_the_account_service_does_not_do_what_staff_do(
    client: httpx.AsyncClient, account: Any, service_headers: Any, body: dict[str, Any]
) -> None:
    headers = await service_headers("account")
    assert (
        await client.patch(f"/internal/users/{account.id}", json=body, headers=headers)
    ).status_code == 403


async def test_an_owner_does_not_lift_a_suspension(
    client: httpx.AsyncClient, account: Any, service_headers: Any
) -> None:
    path = f"/internal/users/{account.id}"
    await client.patch(path, json={"status": "suspended"}, headers=await service_headers())
    for status in ("active", "deactivated"):
        answer = await client.patch(path, json={"status": status}, headers=await service_headers("account"))
        assert answer.status_code == 403


async def test_a_deleted_account_leaves_nothing_and_others_learn_of_it(
    client: httpx.AsyncClient, account: Any, service_headers: Any, database: Database, broker: Nats
) -> None:
    """SECURITY 13: deleting an account ends sessions and access within a second."""
    connection, heard = await nats.connect(broker.url), []
    await connection.subscribe("events.sso.user.deleted.v1", cb=_into(heard))
    path, headers = f"/internal/users/{account.id}", await service_headers("account")
    assert (await client.delete(path, headers=headers)).status_code == 204
    await is_out(client, account)
    assert (await client.delete(path, headers=headers)).status_code == 204
    async with database.read() as db:
        assert await db.get(User, UUID(account.id)) is None
        left = select(func.count()).where(Session.user_id == UUID(account.id))
        assert await db.scalar(left) == 0

    async def told() -> bool:
        return any(account.id.encode() in data for data in heard)

    await eventually(told)
    await connection.close()
    again = {"email": account.email, "password": account.password, "name": "Ada again"}
    assert (await client.post("/auth/register", json=again)).status_code == 201


def _into(heard: list[bytes]) -> Any:
    async def received(message: Any) -> None:
        heard.append(message.data)

    return received


async def test_what_is_counted_names_no_person(
    client: httpx.AsyncClient, register: Any, broker: Nats
) -> None:
    connection, heard = await nats.connect(broker.url), []
    await connection.subscribe("analytics.sso", cb=_into(heard))
    account = await register()

    async def told() -> bool:
        return any(b"user.registered" in data and account.id.encode() in data for data in heard)

    await eventually(told)
    await connection.close()
    assert not any(account.email.encode() in data or b"Lovelace" in data for data in heard)
