"""The health of the platform over HTTP."""

from litestar import get

from admin.dependencies import PlatformProbe
from admin.guards import permission
from admin.health.schemas import PlatformHealth


@get("/health", guards=[permission("health.read")], summary="How every service is", tags=["Health"])
async def get_health(probe: PlatformProbe) -> PlatformHealth:
    return await probe.check()
