"""`/auth/ui/login`: signing in with a browser."""

from typing import Any

from litestar import Request, Response, Router, get, post

from common.limits import Limit, limited
from common.schemas import Command
from sso.continuations import asked_for, checked, with_continuation
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    OwnTransactions,
    PasswordHashing,
    PasswordTrying,
)
from sso.fields import LONGEST_EMAIL, Email, Password
from sso.forms import Continue, Errors, FormBody, wrong
from sso.logins import service
from sso.logins.schemas import LoginRequest
from sso.logins.service import InvalidCredentials
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, address_of, page, redirect


class LoginForm(Command, frozen=True, kw_only=True):
    email: str = ""
    password: str = ""


def login_page(
    request: Request[Any, Any, Any], continue_to: str, *, email: str = "", errors: Errors | None = None
) -> Response[str]:
    """The ways to sign in, and on to `continue_to`; with what is wrong with the form that was sent, if it was."""
    return page(
        request,
        "logins/login.html",
        status=400 if errors else 200,
        here=address_of(request) if request.url.path == LOGIN_PAGE else None,
        action=with_continuation(LOGIN_PAGE, continue_to),
        register_page=with_continuation("/auth/ui/register", continue_to),
        reset_page=with_continuation("/auth/ui/reset", continue_to),
        email=email,
        errors=errors or {},
    )


@get("/")
async def show(
    request: Request[Any, Any, Any], browser_if_any: BrowserIfAny, continue_to: Continue = ""
) -> Response[Any]:
    if browser_if_any is not None:
        return redirect(checked(continue_to))
    hint = asked_for(continue_to).get("login_hint", "")[:LONGEST_EMAIL]
    return login_page(request, checked(continue_to), email=hint)


@post("/", guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def login(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    attempts: PasswordTrying,
    passwords: PasswordHashing,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[LoginForm],
    continue_to: Continue = "",
) -> Response[Any]:
    going_to = checked(continue_to)
    if errors := wrong(email=(Email, data.email), password=(Password, data.password)):
        return login_page(request, going_to, email=data.email, errors=errors)
    wanted = LoginRequest(email=data.email, password=data.password)
    try:
        outcome = await service.login(
            database, attempts, passwords, data=wanted, caller=caller, public_url=settings.issuer
        )
    except InvalidCredentials:
        return login_page(request, going_to, email=data.email, errors={"": "credentials"})
    return answers.redirect(outcome, continue_to=going_to)


router = Router(
    LOGIN_PAGE,
    middleware=[limited],
    route_handlers=[show, login],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
