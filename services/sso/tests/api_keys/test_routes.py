"""Making, listing and ending API keys."""

import asyncio
import hashlib
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert, select, update

from common.api_keys import is_well_formed
from common.db import Database
from common.ids import new_id, now
from common.schemas import rfc3339
from common.sealing import MasterKey
from sso import upkeep
from sso.api_keys.models import ApiKey
from sso.api_keys.service import MOST
from sso.keys.vault import Vault
from sso.sessions.models import Session
from sso.settings import Settings

PATH = "/auth/api-keys"
ALL_SCOPES = ["resumes:read", "resumes:write", "account:read", "account:write", "render:write"]


async def create(client: httpx.AsyncClient, account: Any, **fields: Any) -> httpx.Response:
    body = {"name": "Build", "scopes": ["resumes:read"]} | fields
    return await client.post(PATH, json=body, headers=account.headers)


async def listed(client: httpx.AsyncClient, account: Any, **params: Any) -> dict[str, Any]:
    answer = await client.get(PATH, headers=account.headers, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# SECURITY 10
async def test_a_key_is_random_shown_once_and_stored_as_its_sha256_alone(
    client: httpx.AsyncClient, account: Any, make_key: Any, database: Database
) -> None:
    first, second = await make_key(account, name="One"), await make_key(account, name="Two")
    assert re.fullmatch(r"rmx_[0-9A-Za-z]{36}", first["key"])
    assert is_well_formed(first["key"])
    assert first["key"] != second["key"]
    shown = await listed(client, account)
    assert [item["name"] for item in shown["items"]] == ["Two", "One"]
    assert first["key"] not in str(shown)
    assert shown["items"][1]["hint"] == first["key"][-4:]
    async with database.read() as db:
        rows = (await db.execute(select(ApiKey.__table__).where(ApiKey.user_id == UUID(account.id)))).all()
    assert first["key"] not in repr(rows)
    assert first["key"][:-4] not in repr(rows)
    assert hashlib.sha256(first["key"].encode()).digest() in {row.sha256 for row in rows}


async def test_a_key_is_listed_with_what_its_owner_needs_to_know_it(
    client: httpx.AsyncClient, account: Any, make_key: Any
) -> None:
    made = await make_key(account, name=" Build of my site ", scopes=["render:write", "resumes:read"] * 2)
    (item,) = (await listed(client, account))["items"]
    assert item == {name: value for name, value in made.items() if name != "key"}
    assert item["name"] == "Build of my site"
    assert item["scopes"] == ["resumes:read", "render:write"]
    assert item["lastUsedAt"] is None
    assert item.keys() == {"id", "name", "hint", "scopes", "createdAt", "expiresAt", "lastUsedAt"}


async def test_making_a_key_needs_an_owner_who_was_authenticated_lately(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    long_ago = now() - timedelta(hours=1)
    async with database.write() as db:
        sessions = update(Session).where(Session.user_id == UUID(account.id))
        await db.execute(sessions.values(authenticated_at=long_ago))
    tokens = (await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})).json()
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    body = {"name": "Build", "scopes": ["resumes:read"]}
    refused = await client.post(PATH, json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "STEP_UP_REQUIRED")
    assert (await client.get(PATH, headers=headers)).json()["items"] == []
    proof = {"method": "password", "password": account.password}
    stepped_up = (await client.post("/auth/step-up", json=proof, headers=headers)).json()
    headers = {"Authorization": f"Bearer {stepped_up['accessToken']}"}
    assert (await client.post(PATH, json=body, headers=headers)).status_code == 201


async def test_a_key_lasts_ninety_days_unless_told_otherwise(account: Any, make_key: Any) -> None:
    def lasts(made: dict[str, Any]) -> timedelta:
        return datetime.fromisoformat(made["expiresAt"]) - datetime.fromisoformat(made["createdAt"])

    assert lasts(await make_key(account)) == timedelta(days=90)
    assert (await make_key(account, expiresAt=None))["expiresAt"] is None
    end = now() + timedelta(days=364)
    assert datetime.fromisoformat((await make_key(account, expiresAt=end.isoformat()))["expiresAt"]) == end


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"expiresAt": rfc3339(now() + timedelta(days=366))}, "$.expiresAt"),
        ({"expiresAt": rfc3339(now() - timedelta(seconds=1))}, "$.expiresAt"),
        ({"expiresAt": "2030-01-01T00:00:00"}, "$.expiresAt"),
        ({"expiresAt": "soon"}, "$.expiresAt"),
        ({"scopes": []}, "$.scopes"),
        ({"scopes": ["platform"]}, "$.scopes[0]"),
        ({"scopes": ["openid"]}, "$.scopes[0]"),
        ({"scopes": ["internal"]}, "$.scopes[0]"),
        ({"scopes": ["resumes:read platform"]}, "$.scopes[0]"),
        ({"scopes": "resumes:read"}, "$.scopes"),
        ({"name": ""}, "$.name"),
        ({"name": "   "}, "$.name"),
        ({"name": "two\nlines"}, "$.name"),
        ({"name": "n" * 101}, "$.name"),
        ({"userId": "01890000-0000-7000-8000-000000000000"}, "$.userId"),
    ],
)
async def test_a_key_that_may_not_be_is_refused_with_the_field(
    client: httpx.AsyncClient, account: Any, fields: dict[str, Any], path: str
) -> None:
    answer = await create(client, account, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert answer.json()["errors"][0]["path"] == path
    assert (await listed(client, account))["items"] == []


async def test_a_key_that_was_ended_is_gone_from_the_list_and_cannot_be_ended_again(
    client: httpx.AsyncClient, account: Any, make_key: Any
) -> None:
    made, other = await make_key(account), await make_key(account)
    path = f"{PATH}/{made['id']}"
    assert (await client.delete(path, headers=account.headers)).status_code == 204
    assert [item["id"] for item in (await listed(client, account))["items"]] == [other["id"]]
    again = await client.delete(path, headers=account.headers)
    assert (again.status_code, again.json()["code"]) == (404, "API_KEY_NOT_FOUND")


# SECURITY 22
async def test_another_users_key_is_not_found(
    client: httpx.AsyncClient, register: Any, make_key: Any, exchange: Any
) -> None:
    owner, other = await register(), await register()
    made = await make_key(owner)
    answer = await client.delete(f"{PATH}/{made['id']}", headers=other.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "API_KEY_NOT_FOUND")
    assert (await listed(client, other))["items"] == []
    assert (await exchange(made["key"])).status_code == 200
    for bad in ("not-a-uuid", "%00", "1"):
        assert (await client.delete(f"{PATH}/{bad}", headers=owner.headers)).status_code == 404


# SECURITY 22
async def test_a_key_cannot_make_list_or_end_keys(
    client: httpx.AsyncClient, account: Any, make_key: Any
) -> None:
    made = await make_key(account, scopes=ALL_SCOPES)
    headers = {"Authorization": f"Bearer {made['key']}"}
    for method, path in (
        ("POST", PATH),
        ("GET", PATH),
        ("DELETE", f"{PATH}/{made['id']}"),
        ("GET", "/auth/me"),
    ):
        body = {"name": "Another", "scopes": ["resumes:read"]} if method == "POST" else None
        answer = await client.request(method, path, headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE"), (method, path)
    internal = await client.get("/internal/users", headers=headers)
    assert (internal.status_code, internal.json()["code"]) == (403, "FORBIDDEN")


async def test_the_list_is_paged_and_stays_as_it_is_when_keys_are_added(
    client: httpx.AsyncClient, account: Any, make_key: Any
) -> None:
    made = [(await make_key(account, name=f"Key {n}"))["id"] for n in range(5)]
    first = await listed(client, account, limit=2)
    await make_key(account, name="Later")
    second = await listed(client, account, limit=2, cursor=first["nextCursor"])
    third = await listed(client, account, limit=2, cursor=second["nextCursor"])
    assert third["nextCursor"] is None
    seen = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert seen == made[::-1]


async def test_an_account_has_fifty_live_keys_at_most_also_when_several_are_made_at_once(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    at = now()

    def row(n: int, **values: Any) -> dict[str, Any]:
        key = {
            "id": new_id(),
            "user_id": UUID(account.id),
            "name": f"Key {n}",
            "hint": "abcd",
            "created_at": at,
        }
        return key | {"sha256": new_id().bytes * 2, "scopes": ["resumes:read"]} | values

    over = [row(n, expires_at=at - timedelta(days=1), revoked_at=None) for n in range(3)]
    over += [row(n, expires_at=None, revoked_at=at) for n in range(3)]
    live = [row(n, expires_at=None, revoked_at=None) for n in range(MOST - 2)]
    async with database.write() as db:
        await db.execute(insert(ApiKey), over + live)
    answers = await asyncio.gather(*(create(client, account) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "API_KEY_LIMIT_REACHED"


# SECURITY 27
async def test_making_and_ending_a_key_is_in_the_owners_trail(
    client: httpx.AsyncClient, account: Any, make_key: Any
) -> None:
    made = await make_key(account)
    await client.delete(f"{PATH}/{made['id']}", headers=account.headers)
    trail = await client.get("/auth/security-events", headers=account.headers)
    events = {event["kind"]: event["details"] for event in trail.json()["items"]}
    known = {"key": made["id"], "hint": made["hint"]}
    assert events["api_key.created"] == {**known, "scopes": "resumes:read"}
    assert events["api_key.revoked"] == {**known, "reason": "revoked"}
    assert made["key"] not in trail.text


async def test_keys_are_forgotten_ninety_days_after_their_end(
    client: httpx.AsyncClient, account: Any, make_key: Any, database: Database, settings: Settings
) -> None:
    made = {name: (await make_key(account, name=name))["id"] for name in ("old", "fresh", "for ever")}
    ends = {"old": now() - timedelta(days=91), "fresh": now() - timedelta(days=89), "for ever": None}
    async with database.write() as db:
        for name, end in ends.items():
            await db.execute(update(ApiKey).where(ApiKey.id == UUID(made[name])).values(expires_at=end))
    await upkeep.once(database, Vault(MasterKey(settings.key_encryption_key)), at=now())
    assert [item["name"] for item in (await listed(client, account))["items"]] == ["for ever", "fresh"]
