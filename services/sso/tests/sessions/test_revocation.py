import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from common.auth import Revocations
from common.bus import Bus
from common.kv import Bucket
from common.streams import AUTH_TOKENS
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from common.tokens import InvalidToken, KeyCache, TokenVerifier, keys_over_http


@asynccontextmanager
async def verifier_of_another_service(broker: Nats, sso_url: str) -> AsyncIterator[TokenVerifier]:
    bus = Bus(broker.url, name="api", streams=[AUTH_TOKENS])
    revocations = Revocations(bus, Bucket(bus, AUTH_TOKENS))
    keys = KeyCache(keys_over_http(sso_url))
    verifier = TokenVerifier(
        issuer="https://resumax.test", audience="api", keys=keys, is_revoked=revocations.is_revoked
    )
    await bus.start()
    yield verifier
    await bus.close()


async def refuses(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except InvalidToken:
        return True
    return False


# SECURITY 13
@pytest.mark.parametrize("how", ["logout", "logout-all", "suspended", "ended by staff"])
async def test_an_ended_session_is_over_on_every_service_within_a_second(
    client: httpx.AsyncClient, account: Any, broker: Nats, service_headers: Any, how: str
) -> None:
    async with verifier_of_another_service(broker, str(client.base_url).rstrip("/")) as verifier:
        assert (await verifier.verify(account.access_token)).subject == account.id
        staff, path = await service_headers(), f"/internal/users/{account.id}"
        started = time.monotonic()
        if how == "suspended":
            answer = await client.patch(path, json={"status": "suspended"}, headers=staff)
        elif how == "ended by staff":
            answer = await client.delete(f"{path}/sessions", headers=staff)
        else:
            answer = await client.post(f"/auth/{how}", headers=account.headers)
        assert answer.is_success, answer.text
        await eventually(lambda: refuses(verifier, account.access_token), within=1.0)
        assert time.monotonic() - started < 1.0


async def test_a_service_that_starts_later_knows_what_was_revoked_before(
    client: httpx.AsyncClient, account: Any, broker: Nats
) -> None:
    await client.post("/auth/logout", headers=account.headers)

    async def refused_here() -> bool:
        return (await client.get("/auth/me", headers=account.headers)).status_code == 401

    await eventually(refused_here)
    async with verifier_of_another_service(broker, str(client.base_url).rstrip("/")) as verifier:
        assert await refuses(verifier, account.access_token)
