"""What an API key is exchanged for, and when it is not."""

import asyncio
import base64
import json
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, update

from common.api_keys import new_key
from common.db import Database
from common.ids import now
from common.schemas import rfc3339
from common.testing.fixtures import eventually
from sso.api_keys.models import ApiKey
from sso.users.models import SUSPENDED, User

SINGLE_FACTOR = "urn:resumax:acr:single-factor"


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


async def change(database: Database, key_id: str, **values: Any) -> None:
    async with database.write() as db:
        await db.execute(update(ApiKey).where(ApiKey.id == UUID(key_id)).values(**values))


async def last_used(client: httpx.AsyncClient, account: Any) -> str | None:
    (item,) = (await client.get("/auth/api-keys", headers=account.headers)).json()["items"]
    found: str | None = item["lastUsedAt"]
    return found


async def test_a_key_is_exchanged_for_a_token_with_its_scopes_and_no_more(
    account: Any, make_key: Any, exchange: Any
) -> None:
    made = await make_key(account, scopes=["resumes:read", "render:write"])
    answer = await exchange(made["key"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert given == {
        "access_token": given["access_token"],
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "resumes:read render:write",
    }
    claims = claims_of(given["access_token"])
    assert (claims["sub"], claims["sid"]) == (account.id, made["id"])
    assert (claims["client_id"], claims["acr"]) == ("api-key", SINGLE_FACTOR)
    assert claims["scope"] == "resumes:read render:write"
    assert claims["aud"] == ["sso", "api", "processor"]
    assert claims["roles"] == []
    assert "auth_time" not in claims, "nobody was authenticated"


async def test_the_token_of_a_key_can_be_for_one_service_alone(
    account: Any, make_key: Any, exchange: Any
) -> None:
    made = await make_key(account)
    answer = await exchange(made["key"], audience="api")
    assert claims_of(answer.json()["access_token"])["aud"] == ["api"]
    for beyond in ("account", "admin", "nowhere"):
        refused = await exchange(made["key"], audience=beyond)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")


async def test_the_token_of_a_key_ends_with_the_key(account: Any, make_key: Any, exchange: Any) -> None:
    end = now() + timedelta(seconds=100)
    made = await make_key(account, expiresAt=rfc3339(end))
    given = (await exchange(made["key"])).json()
    assert claims_of(given["access_token"])["exp"] == int(end.timestamp())
    assert 95 <= given["expires_in"] <= 100


async def refusal(answer: httpx.Response) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.text
    return {name: value for name, value in answer.json().items() if name != "requestId"}


async def test_mistyped_unknown_expired_and_revoked_keys_are_refused_alike(
    client: httpx.AsyncClient, account: Any, make_key: Any, exchange: Any, database: Database
) -> None:
    made, expired, revoked = [await make_key(account) for _ in range(3)]
    await change(database, expired["id"], expires_at=now() - timedelta(seconds=1))
    await client.delete(f"/auth/api-keys/{revoked['id']}", headers=account.headers)
    mistyped = made["key"][:-1] + ("0" if made["key"][-1] != "0" else "1")
    bad = [
        mistyped,
        new_key(),
        expired["key"],
        revoked["key"],
        "",
        "rmx_",
        account.access_token,
        "x" * 10_000,
    ]
    refusals = [await refusal(await exchange(key)) for key in bad]
    assert all(found == refusals[0] for found in refusals)
    assert (await exchange(made["key"])).status_code == 200


async def test_a_made_up_key_is_refused_without_asking_the_database(
    client: httpx.AsyncClient, service_headers: Any, exchange: Any
) -> None:
    headers = await service_headers("api")
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    from sqlalchemy.engine import Engine

    event.listen(Engine, "before_cursor_execute", count)
    try:
        body = {"apiKey": "rmx_" + "A" * 36}
        refused = await client.post("/internal/api-keys/exchange", json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "API_KEY_INVALID")
        assert not [text for text in statements if "api_keys" in text]
        await client.post("/internal/api-keys/exchange", json={"apiKey": new_key()}, headers=headers)
        assert [text for text in statements if "api_keys" in text]
    finally:
        event.remove(Engine, "before_cursor_execute", count)


async def test_when_a_key_was_used_is_kept_at_most_once_a_minute(
    client: httpx.AsyncClient, account: Any, make_key: Any, exchange: Any, database: Database
) -> None:
    made = await make_key(account)
    await exchange(made["key"])
    first = await last_used(client, account)
    assert first is not None
    assert abs(now() - datetime.fromisoformat(first)) < timedelta(seconds=10)
    await exchange(made["key"])
    assert await last_used(client, account) == first
    await change(database, made["id"], last_used_at=now() - timedelta(seconds=61))
    await exchange(made["key"])
    assert str(await last_used(client, account)) > first


async def test_a_key_works_while_nothing_can_be_written_and_its_use_is_noted_later(
    client: httpx.AsyncClient, account: Any, make_key: Any, exchange: Any, database: Database
) -> None:
    made = await make_key(account)
    async with database.write() as db:
        await db.execute(update(ApiKey).where(ApiKey.id == UUID(made["id"])).values(hint="lock"))
        started = time.monotonic()
        answer = await exchange(made["key"])
        assert answer.status_code == 200
        assert time.monotonic() - started < 2
        await db.rollback()
        assert await last_used(client, account) is None

    async def is_noted() -> bool:
        return await last_used(client, account) is not None

    await eventually(is_noted, within=6)


# SECURITY 22
async def test_only_services_exchange_keys_that_they_were_shown(
    client: httpx.AsyncClient, account: Any, make_key: Any, service_headers: Any
) -> None:
    made = await make_key(account)
    path, body = "/internal/api-keys/exchange", {"apiKey": made["key"]}
    assert (await client.post(path, json=body)).status_code == 401
    for headers in (account.headers, {"Authorization": f"Bearer {made['key']}"}):
        assert (await client.post(path, json=body, headers=headers)).status_code == 403
    elsewhere = await service_headers("api", "account")
    assert (await client.post(path, json=body, headers=elsewhere)).status_code == 401
    answer = await client.post(path, json=body, headers=await service_headers("admin"))
    claims = claims_of(answer.json()["accessToken"])
    assert (claims["aud"], claims["scope"], claims["roles"]) == (["admin"], "resumes:read", [])


# SECURITY 13
async def test_the_keys_of_a_suspended_account_are_over_for_good(
    client: httpx.AsyncClient, account: Any, make_key: Any, exchange: Any, service_headers: Any
) -> None:
    made = await make_key(account)
    path, staff = f"/internal/users/{account.id}", await service_headers()
    await client.patch(path, json={"status": "suspended"}, headers=staff)
    await refusal(await exchange(made["key"]))
    await client.patch(path, json={"status": "active"}, headers=staff)
    await refusal(await exchange(made["key"]))


# SECURITY 13
async def test_no_key_of_an_account_that_is_not_active_is_exchanged(
    account: Any, make_key: Any, exchange: Any, database: Database
) -> None:
    made = await make_key(account)
    async with database.write() as db:  # and not through the service, which would end the key as well
        await db.execute(update(User).where(User.id == UUID(account.id)).values(status=SUSPENDED))
    await refusal(await exchange(made["key"]))


# SECURITY 13
async def test_a_key_that_was_ended_is_over_on_the_sso_itself_within_a_second(
    client: httpx.AsyncClient, account: Any, make_key: Any
) -> None:
    made = await make_key(account)
    headers = {"Authorization": f"Bearer {made['key']}"}

    async def status() -> int:
        return (await client.get("/auth/me", headers=headers)).status_code

    assert await status() == 403
    await client.delete(f"/auth/api-keys/{made['id']}", headers=account.headers)

    async def is_refused() -> bool:
        return await status() == 401

    await eventually(is_refused, within=1)


# SECURITY 27
@pytest.mark.parametrize("shown_to", ["/oauth2/token", "/internal/api-keys/exchange", "/auth/me"])
async def test_no_key_reaches_a_log(
    client: httpx.AsyncClient,
    account: Any,
    make_key: Any,
    service_headers: Any,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    shown_to: str,
) -> None:
    caplog.set_level("DEBUG")
    headers = await service_headers()
    keys = [(await make_key(account))["key"], new_key(), "rmx_" + "A" * 36]
    for key in keys:
        if shown_to == "/auth/me":
            await client.get(shown_to, headers={"Authorization": f"Bearer {key}"})
        elif shown_to == "/oauth2/token":
            await client.post(shown_to, data={"grant_type": "urn:resumax:api-key", "api_key": key})
        else:
            await client.post(shown_to, json={"apiKey": key}, headers=headers)
    await asyncio.sleep(0)
    written = capsys.readouterr()
    logs = written.out + written.err + caplog.text
    assert "api_key.created" in logs
    for key in keys:
        assert key[4:] not in logs
