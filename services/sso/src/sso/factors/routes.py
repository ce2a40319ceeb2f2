"""`GET /auth/mfa`: the second factors of one's own account."""

from litestar import get

from common.auth import authenticated
from common.dependencies import CurrentUser, ReadDb
from common.limits import limited
from sso.factors import service
from sso.factors.schemas import MfaRead


@get(
    "/auth/mfa",
    middleware=[authenticated, limited],
    summary="See which second factors you have",
    tags=["Second factors"],
    security=[{"bearer": []}],
)
async def get_mfa(read_db: ReadDb, user: CurrentUser) -> MfaRead:
    return await service.overview(read_db, user.id)
