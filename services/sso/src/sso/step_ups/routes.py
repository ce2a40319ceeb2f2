"""`POST /auth/step-up`: showing once more who one is."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post

from common.auth import authenticated
from common.dependencies import CurrentUser
from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    OwnTransactions,
    PasswordTrying,
    SecondFactorProofs,
)
from sso.sessions.schemas import Tokens
from sso.sign_ins.schemas import proof
from sso.step_ups import service
from sso.step_ups.schemas import StepUpRequest, password


@post(
    "/auth/step-up",
    status_code=200,
    middleware=[authenticated, limited],
    opt={"limit": Limit(60, 300)},
    summary="Confirm that it is you, before a sensitive change",
    description=(
        "With a second factor if the account has one, else with the password. The session goes on with new tokens;"
        " the refresh token of before ends."
    ),
    tags=["Second factors"],
    security=[{"bearer": []}],
)
async def step_up(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    attempts: PasswordTrying,
    second_factors: SecondFactorProofs,
    answers: Answers,
    browser_if_any: BrowserIfAny,
    user: CurrentUser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[StepUpRequest],
) -> Response[Tokens]:
    session_id = UUID(user.session_id)
    came_by_cookie = browser_if_any is not None and browser_if_any.session.id == session_id
    use_cookie = data.use_cookie or came_by_cookie
    answers.check(request, use_cookie=use_cookie)
    if data.method == "password":
        signed_in = await service.by_password(
            database,
            attempts,
            password(data),
            user_id=user.id,
            session_id=session_id,
            caller=caller,
            max_age=settings.step_up_max_age,
        )
    else:
        signed_in = await service.by_second_factor(
            database,
            second_factors,
            proof(data.method, data.code, data.credential),
            user_id=user.id,
            session_id=session_id,
            caller=caller,
        )
    return await answers.signed_in(signed_in, use_cookie=use_cookie)
