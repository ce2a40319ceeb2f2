import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from admin.app import create_app
from admin.settings import Settings
from common.settings import Secret
from common.testing.ports import free_port
from common.testing.processes import Process, accepts
from common.testing.served import served

Entries = Callable[..., Awaitable[list[dict[str, Any]]]]


async def test_a_crash_between_the_announcement_and_the_outcome_leaves_its_trace(
    settings: Callable[..., Settings], sso: Any, entries: Entries
) -> None:
    found, port = settings(), free_port()
    env = os.environ | _environment(found) | {"ADMIN_PORT": str(port)}
    process = Process([sys.executable, "-m", "admin", "serve"], env=env, ready=lambda: accepts(port))
    user, called = sso.add(), asyncio.Event()

    async def hang() -> None:
        called.set()
        await asyncio.sleep(0.2)

    sso.on_change = hang
    try:
        await asyncio.to_thread(process.start)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            path = f"/admin/v1/users/{user.id}/suspend"
            asking = client.post(path, json={"reason": "spam"}, headers=sso.headers("support"))
            asked = asyncio.create_task(asking)
            await asyncio.wait_for(called.wait(), 5)
            process.kill()
            await asyncio.gather(asked, return_exceptions=True)
    finally:
        sso.on_change = None
        process.kill()
    async with served(create_app(found)) as client:
        items = await entries(client, target=f"user:{user.id}")
        verified = (await client.get("/admin/v1/audit-logs/verify", headers=sso.headers("auditor"))).json()
    assert [(entry["action"], entry["outcome"]) for entry in items] == [("user.suspended", "intended")]
    assert verified["valid"] is True


def _environment(settings: Settings) -> dict[str, str]:
    found = {}
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        shown = value.reveal() if isinstance(value, Secret) else value
        if isinstance(shown, str | int | float) and shown != "":
            found[f"ADMIN_{name.upper()}"] = str(shown)
    return found
