"""`/auth/ui/mfa`: the second factor of a sign-in."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.limits import Limit, limited
from common.schemas import Command
from sso.challenges.service import ChallengeExpired
from sso.continuations import checked, with_continuation
from sso.dependencies import (
    Answers,
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    OwnTransactions,
    SecondFactorProofs,
)
from sso.factors.problems import InvalidCode
from sso.factors.proofs import Proof
from sso.fields import Token
from sso.forms import Errors, FormBody, wrong
from sso.onward import Onward
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, address_of, page
from sso.sessions.answers import MFA_PAGE, SignInAnswers
from sso.sign_ins import service as sign_ins


class CodeForm(Command, frozen=True, kw_only=True):
    method: str = ""
    code: str = ""


def on_expired(request: Request[Any, Any, Any], _exc: ChallengeExpired) -> Response[str]:
    onward = checked(request.query_params.get("continue"))
    login_page = with_continuation(LOGIN_PAGE, onward)
    return page(request, "challenges/expired.html", status=400, login_page=login_page)


async def mfa_page(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    answers: SignInAnswers,
    onward: Onward,
    *,
    method: str = "",
    errors: Errors | None = None,
) -> Response[str]:
    """The question for a second factor by `method`, or by the one that the account prefers. Raises ChallengeExpired."""
    async with database.read() as db:
        methods = await sign_ins.waiting(db, answers.challenge_cookie.value(request) or "")
    return page(
        request,
        "challenges/mfa.html",
        status=400 if errors else 200,
        here=address_of(request),
        form_targets=onward.form_targets,
        onward=onward,
        methods=methods,
        method=method if method in methods else methods[0],
        errors=errors or {},
    )


@get("/")
async def show(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    answers: Answers,
    onward: GoingOn,
    method: FromQuery[str] = "",
) -> Response[str]:
    return await mfa_page(request, database, answers, onward, method=method)


@post("/", guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def prove(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    second_factors: SecondFactorProofs,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    onward: GoingOn,
    data: FormBody[CodeForm],
) -> Response[Any]:
    errors = wrong(code=(Token, data.code))
    if not errors:
        try:
            signed_in = await sign_ins.finish(
                database,
                second_factors,
                token=answers.challenge_cookie.value(request) or "",
                proof=Proof(data.method, data.code),
                caller=caller,
                public_url=settings.issuer,
            )
        except InvalidCode:
            errors = {"code": "code"}
        else:
            return answers.redirect(signed_in, continue_to=onward.path)
    return await mfa_page(request, database, answers, onward, method=data.method, errors=errors)


router = Router(
    MFA_PAGE,
    middleware=[limited],
    route_handlers=[show, prove],
    exception_handlers={**ERROR_PAGES, ChallengeExpired: on_expired},
    include_in_schema=False,
)
