"""`POST /auth/register`."""

from typing import Any

import msgspec
from litestar import Request, Response, post

from common.dependencies import Db
from common.limits import Limit, limited
from common.schemas import JSONBody, read
from sso.dependencies import Answers, CurrentCaller, CurrentSettings, NewPasswordAcceptance
from sso.registrations import service
from sso.registrations.schemas import Registered, RegisterRequest
from sso.users.schemas import UserRead


@post(
    "/auth/register",
    middleware=[limited],
    opt={"limit": Limit(100, 900)},
    summary="Make an account",
    tags=["Sign-in"],
)
async def register(
    request: Request[Any, Any, Any],
    db: Db,
    new_passwords: NewPasswordAcceptance,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[RegisterRequest],
) -> Response[Registered]:
    answers.check(request, use_cookie=data.use_cookie)
    signed_in = await service.register(db, new_passwords, data=data, caller=caller, settings=settings)
    tokens = await answers.tokens(signed_in, use_cookie=data.use_cookie)
    content = Registered(user=read(UserRead, signed_in.user), **msgspec.structs.asdict(tokens))
    return Response(content, cookies=answers.cookies(signed_in, use_cookie=data.use_cookie))
