"""`/auth/ui/step-up`: somebody who is signed in confirms that it is them, before something sensitive or because an app
wants it. The second factor if there is one, else the password."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.db import Database
from common.limits import Limit, limited
from common.schemas import Command
from sso.continuations import with_continuation
from sso.dependencies import (
    Answers,
    CurrentBrowser,
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    OwnTransactions,
    PasswordTrying,
    SecondFactorProofs,
)
from sso.factors import service as factors
from sso.factors.problems import InvalidCode
from sso.factors.proofs import Proof
from sso.fields import Password, Token
from sso.forms import Errors, FormBody, wrong
from sso.logins.service import InvalidCredentials
from sso.onward import Onward
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, address_of, page, redirect
from sso.sessions.browsers import Browser
from sso.sessions.service import SignedIn
from sso.settings import Settings
from sso.step_ups import service

STEP_UP_PAGE = "/auth/ui/step-up"
PASSWORD = "password"  # noqa: S105 (the name of a method)


class StepUpForm(Command, frozen=True, kw_only=True):
    method: str = ""
    code: str = ""
    username: str = ""
    password: str = ""


async def detour(
    database: Database, browser: Browser, settings: Settings, *, continue_to: str
) -> Response[None] | None:
    """The way to confirm first who one is, where the session does not do for something sensitive; and then on to
    `continue_to`."""
    async with database.read() as db:
        missing = await service.missing_for_change(
            db, browser.user, browser.session, max_age=settings.step_up_max_age
        )
    return redirect(with_continuation(STEP_UP_PAGE, continue_to)) if missing else None


async def step_up_page(
    request: Request[Any, Any, Any],
    database: Database,
    browser: Browser,
    onward: Onward,
    *,
    method: str = "",
    errors: Errors | None = None,
) -> Response[Any]:
    """The question, by `method` or by the one that the account prefers; or the login page, where there is neither a
    second factor nor a password."""
    async with database.read() as db:
        methods = await factors.methods(db, browser.user.id)
    if not methods and browser.user.password_hash is None:
        return redirect(with_continuation(LOGIN_PAGE, onward.path, reauth="other"))
    methods = methods or [PASSWORD]
    return page(
        request,
        "step_ups/confirm.html",
        status=400 if errors else 200,
        here=address_of(request),
        form_targets=onward.form_targets,
        onward=onward,
        email=browser.user.email,
        methods=methods,
        method=method if method in methods else methods[0],
        errors=errors or {},
    )


@get("/")
async def show(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    onward: GoingOn,
    method: FromQuery[str] = "",
) -> Response[Any]:
    return await step_up_page(request, database, browser, onward, method=method)


@post("/", guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def confirm(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    attempts: PasswordTrying,
    second_factors: SecondFactorProofs,
    answers: Answers,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    onward: GoingOn,
    data: FormBody[StepUpForm],
) -> Response[Any]:
    is_password = data.method == PASSWORD
    errors = wrong(password=(Password, data.password)) if is_password else wrong(code=(Token, data.code))
    if not errors:
        try:
            confirmed = await _confirmed(
                database, attempts, second_factors, browser, caller, settings, data=data
            )
        except InvalidCredentials:
            errors = {"password": "password"}
        except InvalidCode:
            errors = {"code": "code"}
        else:
            return answers.redirect(confirmed, continue_to=onward.path)
    return await step_up_page(request, database, browser, onward, method=data.method, errors=errors)


async def _confirmed(
    database: OwnTransactions,
    attempts: PasswordTrying,
    second_factors: SecondFactorProofs,
    browser: Browser,
    caller: CurrentCaller,
    settings: Settings,
    *,
    data: StepUpForm,
) -> SignedIn:
    ids: dict[str, Any] = {"user_id": browser.user.id, "session_id": browser.session.id, "caller": caller}
    if data.method == PASSWORD:
        return await service.by_password(
            database, attempts, data.password, max_age=settings.step_up_max_age, **ids
        )
    return await service.by_second_factor(database, second_factors, Proof(data.method, data.code), **ids)


router = Router(
    STEP_UP_PAGE,
    middleware=[limited],
    route_handlers=[show, confirm],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
