"""`POST /auth/login/mfa`: the second factor of a sign-in."""

from typing import Any

from litestar import Request, Response, post

from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import Answers, CurrentCaller, CurrentSettings, OwnTransactions, SecondFactorProofs
from sso.sessions.schemas import Tokens
from sso.sign_ins import service
from sso.sign_ins.schemas import LoginMfaRequest, proof


@post(
    "/auth/login/mfa",
    status_code=200,
    middleware=[limited],
    opt={"limit": Limit(60, 300)},
    summary="Show the second factor",
    description="Five attempts, within ten minutes of the first factor.",
    tags=["Sign-in"],
)
async def login_mfa(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    second_factors: SecondFactorProofs,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[LoginMfaRequest],
) -> Response[Tokens]:
    answers.check(request, use_cookie=data.use_cookie)
    signed_in = await service.finish(
        database,
        second_factors,
        token=data.challenge_token,
        proof=proof(data.method, data.code, data.credential),
        caller=caller,
        public_url=settings.issuer,
    )
    return await answers.signed_in(signed_in, use_cookie=data.use_cookie)
