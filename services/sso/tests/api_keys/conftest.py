from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

MakeKey = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def make_key(client: httpx.AsyncClient) -> MakeKey:
    """Make an API key: `await make_key(account)`, or with any field of the request changed. The answer."""

    async def make(account: Any, **fields: Any) -> dict[str, Any]:
        body = {"name": "Build", "scopes": ["resumes:read"]} | fields
        answer = await client.post("/auth/api-keys", json=body, headers=account.headers)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return make


@pytest.fixture
def exchange(client: httpx.AsyncClient) -> Callable[..., Awaitable[httpx.Response]]:
    """The answer of the token endpoint to an API key."""

    async def exchange(key: str, **parameters: str) -> httpx.Response:
        form = {"grant_type": "urn:resumax:api-key", "api_key": key} | parameters
        return await client.post("/oauth2/token", data=form)

    return exchange
