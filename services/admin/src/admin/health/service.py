"""How the services are, by asking each whether it is ready."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx
import msgspec

from admin.health.schemas import PlatformHealth, ServiceHealth
from admin.settings import Settings
from common.ids import now

_OTHERS = ("sso", "api", "account", "processor")


class _Readiness(msgspec.Struct):
    """The answer of `/readyz`."""

    status: str
    missing: dict[str, str]


class Probe:
    """Asks every service at once. `own_state` tells what this one is missing: it need not call itself."""

    def __init__(self, settings: Settings, *, own_state: Callable[[], Awaitable[dict[str, str]]]) -> None:
        self._urls = {name: getattr(settings, f"{name}_url") for name in _OTHERS}
        self._within = settings.probe_timeout
        self._own_state = own_state
        self._http = httpx.AsyncClient(timeout=self._within, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def check(self) -> PlatformHealth:
        """The state of the platform, within the time that one service has to answer."""
        others = [self._timed(name, self._ask(url)) for name, url in self._urls.items()]
        services = await asyncio.gather(*others, self._timed("admin", self._ask_ourselves()))
        is_ok = all(service.status == "ready" for service in services)
        return PlatformHealth(status="ok" if is_ok else "degraded", checked_at=now(), services=services)

    async def _timed(self, name: str, asking: Awaitable[_Readiness]) -> ServiceHealth:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._within):
                found = await asking
        except (httpx.HTTPError, msgspec.MsgspecError, TimeoutError) as error:
            missing = {name: type(error).__name__}
            return ServiceHealth(name=name, status="unreachable", missing=missing, latency_ms=None)
        latency = round((time.perf_counter() - started) * 1000, 1)
        return ServiceHealth(
            name=name,
            status="ready" if found.status == "ready" else "unready",
            missing=found.missing,
            latency_ms=latency,
        )

    async def _ask(self, url: str) -> _Readiness:
        answer = await self._http.get(f"{url}/readyz")
        return msgspec.json.decode(answer.content, type=_Readiness)

    async def _ask_ourselves(self) -> _Readiness:
        missing = await self._own_state()
        return _Readiness(status="unready" if missing else "ready", missing=missing)
