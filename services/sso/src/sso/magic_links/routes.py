"""`/auth/magic-link`: signing in by a mailed link."""

from typing import Any

from litestar import Request, Response, Router, post

from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import Answers, CurrentCaller, CurrentSettings, OwnTransactions
from sso.magic_links import service
from sso.magic_links.schemas import MagicLinkConfirmation, MagicLinkRequest
from sso.sessions.schemas import MfaRequired, Tokens


@post(
    "/",
    status_code=202,
    media_type="text/plain",
    opt={"limit": Limit(20, 900)},
    summary="Mail a link to sign in by",
    description="The same answer for every address.",
)
async def request_magic_link(
    database: OwnTransactions,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[MagicLinkRequest],
) -> Response[bytes]:
    await service.request(database, data.email, caller=caller, public_url=settings.issuer)
    return Response(b"", media_type="text/plain")


@post(
    "/confirm",
    status_code=200,
    opt={"limit": Limit(60, 300)},
    summary="Sign in by the token of a mailed link",
)
async def confirm_magic_link(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[MagicLinkConfirmation],
) -> Response[Tokens | MfaRequired]:
    answers.check(request, use_cookie=data.use_cookie)
    opened = await service.confirm(database, data.token, caller=caller, public_url=settings.issuer)
    return await answers.respond(opened.outcome, use_cookie=data.use_cookie)


router = Router(
    "/auth/magic-link",
    middleware=[limited],
    route_handlers=[request_magic_link, confirm_magic_link],
    tags=["Sign-in"],
)
