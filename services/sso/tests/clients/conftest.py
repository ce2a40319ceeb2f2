"""Staff who keep the registry of clients."""

from typing import Any

import httpx
import pytest_asyncio


@pytest_asyncio.fixture
async def keeper(
    client: httpx.AsyncClient, protect: Any, service_headers: Any, signed_in_with_mfa: Any
) -> dict[str, str]:
    """The headers of a superadmin who has just shown two factors."""
    protected = await protect()
    path = f"/internal/users/{protected.account.id}"
    made = await client.patch(path, json={"roles": ["superadmin"]}, headers=await service_headers())
    assert made.status_code == 200, made.text
    headers: dict[str, str] = await signed_in_with_mfa(protected)
    return headers
