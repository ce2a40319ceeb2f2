"""`/auth/verify`: proving that an e-mail address is one's own."""

from litestar import Response, Router, post

from common.dependencies import Db
from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import CurrentCaller, CurrentSettings, OwnTransactions
from sso.verifications import service
from sso.verifications.schemas import ResendRequest, VerifyRequest


@post("/", status_code=204, opt={"limit": Limit(60, 300)}, summary="Verify an e-mail address")
async def verify(db: Db, caller: CurrentCaller, data: JSONBody[VerifyRequest]) -> None:
    await service.verify(db, data.token, caller=caller)


@post(
    "/resend",
    status_code=202,
    media_type="text/plain",
    opt={"limit": Limit(20, 900)},
    summary="Mail the link again",
)
async def resend(
    database: OwnTransactions, caller: CurrentCaller, settings: CurrentSettings, data: JSONBody[ResendRequest]
) -> Response[bytes]:
    await service.resend(database, data.email, public_url=settings.issuer, caller=caller)
    return Response(b"", media_type="text/plain")


router = Router("/auth/verify", middleware=[limited], route_handlers=[verify, resend], tags=["E-mail"])
