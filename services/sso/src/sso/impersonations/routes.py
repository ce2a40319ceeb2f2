"""`POST /internal/users/{id}/impersonate`: for the admin service, which keeps the audit log."""

from uuid import UUID

from litestar import Router, post
from litestar.params import FromPath

from common.auth import client, internal
from common.contracts.users import Impersonation, ImpersonationStart
from common.dependencies import Db
from common.schemas import JSONBody
from sso.dependencies import CurrentCaller, CurrentSettings, TokenSigning
from sso.impersonations import service


@post("/{user_id:uuid}/impersonate", summary="Act in a user's place")
async def impersonate(
    db: Db,
    caller: CurrentCaller,
    access_tokens: TokenSigning,
    settings: CurrentSettings,
    user_id: FromPath[UUID],
    data: JSONBody[ImpersonationStart],
) -> Impersonation:
    user, session = await service.start(db, user_id, data=data, caller=caller, public_url=settings.issuer)
    return await service.token(access_tokens, user, session)


router = Router(
    "/internal/users",
    middleware=[internal],
    guards=[client("admin")],
    route_handlers=[impersonate],
    tags=["Internal"],
    security=[{"bearer": []}],
)
