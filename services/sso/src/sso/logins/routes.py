"""`POST /auth/login`."""

from typing import Any

from litestar import Request, Response, post

from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import Answers, CurrentCaller, CurrentSettings, OwnTransactions, PasswordTrying
from sso.logins import service
from sso.logins.schemas import LoginRequest
from sso.sessions.schemas import MfaRequired, Tokens


@post(
    "/auth/login",
    status_code=200,
    middleware=[limited],
    opt={"limit": Limit(60, 300)},
    summary="Sign in with a password",
    tags=["Sign-in"],
)
async def login(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    attempts: PasswordTrying,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[LoginRequest],
) -> Response[Tokens | MfaRequired]:
    answers.check(request, use_cookie=data.use_cookie)
    outcome = await service.login(database, attempts, data=data, caller=caller, public_url=settings.issuer)
    return await answers.respond(outcome, use_cookie=data.use_cookie)
