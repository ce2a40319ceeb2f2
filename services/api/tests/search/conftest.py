from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from common.testing.issuer import Issuer

Search = Callable[..., Awaitable[list[Any]]]


def searching(client: httpx.AsyncClient, owner: dict[str, str]) -> Search:
    async def search(q: str, **params: Any) -> list[Any]:
        answer = await client.get("/api/v1/resumes", params={"q": q} | params, headers=owner)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    return search


@pytest.fixture
def search(client: httpx.AsyncClient, owner: dict[str, str]) -> Search:
    """What the owner finds."""
    return searching(client, owner)


@pytest.fixture
def elsewhere(client: httpx.AsyncClient, issuer: Issuer) -> Search:
    """What somebody else finds."""
    return searching(client, issuer.headers("api"))
