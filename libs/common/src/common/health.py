"""`/healthz`, `/readyz` and `/metrics`: for the platform, never routed by the gateway."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from common import metrics


def routes(service: str, unready: Callable[[], Awaitable[dict[str, str]]]) -> list[HTTPRouteHandler]:
    """The three routes; `unready` tells what is missing, by name."""

    @get("/healthz", include_in_schema=False, sync_to_thread=False)
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @get("/readyz", include_in_schema=False)
    async def readyz() -> Response[dict[str, Any]]:
        missing = await unready()
        body = {"service": service, "status": "unready" if missing else "ready", "missing": missing}
        return Response(body, status_code=503 if missing else 200)

    @get("/metrics", include_in_schema=False, sync_to_thread=False)
    def read_metrics() -> Response[bytes]:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    return [healthz, readyz, read_metrics]
