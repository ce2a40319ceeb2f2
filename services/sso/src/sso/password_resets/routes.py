"""`/auth/password-reset`: a new password by a mailed link."""

from litestar import Response, Router, post

from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import CurrentCaller, CurrentSettings, NewPasswordAcceptance, OwnTransactions
from sso.password_resets import service
from sso.password_resets.schemas import ResetConfirmation, ResetRequest


@post(
    "/request",
    status_code=202,
    media_type="text/plain",
    opt={"limit": Limit(20, 900)},
    summary="Mail a link to set a new password",
    description="The same answer for every address.",
)
async def request_reset(
    database: OwnTransactions, caller: CurrentCaller, settings: CurrentSettings, data: JSONBody[ResetRequest]
) -> Response[bytes]:
    await service.request(database, data.email, caller=caller, public_url=settings.issuer)
    return Response(b"", media_type="text/plain")


@post("/confirm", status_code=204, opt={"limit": Limit(60, 300)}, summary="Set a new password")
async def confirm_reset(
    database: OwnTransactions,
    new_passwords: NewPasswordAcceptance,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[ResetConfirmation],
) -> None:
    await service.confirm(
        database,
        new_passwords,
        token=data.token,
        password=data.password,
        caller=caller,
        public_url=settings.issuer,
    )


router = Router(
    "/auth/password-reset",
    middleware=[limited],
    route_handlers=[request_reset, confirm_reset],
    tags=["Password"],
)
