import asyncio
import time
from collections.abc import Callable
from typing import Any

from litestar import Litestar, Response, get

from admin.app import create_app
from admin.settings import Settings
from common.testing.ports import free_port
from common.testing.served import served

HEALTH = "/admin/v1/health"


def ready_app(missing: dict[str, str], *, after: float = 0) -> Litestar:
    @get("/readyz")
    async def readyz() -> Response[Any]:
        await asyncio.sleep(after)
        body = {"service": "x", "status": "unready" if missing else "ready", "missing": missing}
        return Response(body, status_code=503 if missing else 200)

    return Litestar([readyz], logging_config=None)


async def test_each_service_is_asked_and_what_it_misses_is_told(
    settings: Callable[..., Settings], sso: Any
) -> None:
    api, account, processor = (free_port() for _ in range(3))
    urls = {f"{name}_url": f"http://127.0.0.1:{port}" for name, port in (("api", api), ("account", account))}
    async with (
        served(ready_app({}), port=api),
        served(ready_app({"nats": "BusUnavailable"}), port=account),
        served(ready_app({}, after=1.5), port=processor),
        served(
            create_app(settings(**urls, processor_url=f"http://127.0.0.1:{processor}", probe_timeout=0.4))
        ) as client,
    ):
        started = time.perf_counter()
        answer = await client.get(HEALTH, headers=sso.headers("auditor"))
        took = time.perf_counter() - started
    assert answer.status_code == 200, answer.text
    health = answer.json()
    found = {service["name"]: service for service in health["services"]}
    assert health["status"] == "degraded"
    assert set(found) == {"sso", "api", "account", "processor", "admin"}
    assert found["api"]["status"] == found["admin"]["status"] == "ready"
    assert found["api"]["latencyMs"] > 0
    assert found["account"]["status"] == "unready"
    assert found["account"]["missing"] == {"nats": "BusUnavailable"}
    assert found["processor"]["status"] == "unreachable"
    assert found["processor"]["latencyMs"] is None
    assert took < 1.0, "the services must be asked all at once, and a slow one not waited for"


async def test_all_ready_is_ok(settings: Callable[..., Settings], sso: Any) -> None:
    port = free_port()
    names = ("api", "account", "processor")
    urls = {f"{name}_url": f"http://127.0.0.1:{port}" for name in names}
    async with served(ready_app({}), port=port), served(create_app(settings(**urls))) as client:
        health = (await client.get(HEALTH, headers=sso.headers("support"))).json()
    assert health["status"] == "ok"
    assert {service["status"] for service in health["services"]} == {"ready"}
    assert health["checkedAt"].endswith("Z")
