"""`/auth/ui/register`: making an account with a browser."""

from typing import Any

from litestar import Request, Response, Router, get, post

from common.limits import Limit, limited
from common.problems import ValidationFailed
from common.schemas import Command
from sso.continuations import asked_for, checked, with_continuation
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    NewPasswordAcceptance,
    OwnTransactions,
)
from sso.fields import LONGEST_EMAIL, Email, Password, PersonName
from sso.forms import Continue, Errors, FormBody, wrong
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, address_of, language_of, page, redirect
from sso.passwords.policy import PasswordRefused
from sso.registrations import service
from sso.registrations.schemas import RegisterRequest
from sso.settings import Settings
from sso.users.service import EmailTaken

REGISTER_PAGE = "/auth/ui/register"


class RegisterForm(Command, frozen=True, kw_only=True):
    name: str = ""
    email: str = ""
    password: str = ""


def _register_page(
    request: Request[Any, Any, Any],
    settings: Settings,
    continue_to: str,
    *,
    filled: RegisterForm,
    errors: Errors | None = None,
) -> Response[str]:
    return page(
        request,
        "registrations/register.html",
        status=400 if errors else 200,
        here=address_of(request),
        action=with_continuation(REGISTER_PAGE, continue_to),
        login_page=with_continuation(LOGIN_PAGE, continue_to),
        name=filled.name,
        email=filled.email,
        min_length=settings.password_min_length,
        errors=errors or {},
    )


@get("/")
async def show(
    request: Request[Any, Any, Any],
    browser_if_any: BrowserIfAny,
    settings: CurrentSettings,
    continue_to: Continue = "",
) -> Response[Any]:
    if browser_if_any is not None:
        return redirect(checked(continue_to))
    hint = asked_for(continue_to).get("login_hint", "")[:LONGEST_EMAIL]
    return _register_page(request, settings, checked(continue_to), filled=RegisterForm(email=hint))


@post("/", guards=[sent_by_us], opt={"limit": Limit(100, 900)})
async def register(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    new_passwords: NewPasswordAcceptance,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[RegisterForm],
    continue_to: Continue = "",
) -> Response[Any]:
    going_to = checked(continue_to)
    errors = wrong(
        name=(PersonName, data.name), email=(Email, data.email), password=(Password, data.password)
    )
    if not errors:
        wanted = RegisterRequest(
            email=data.email, password=data.password, name=data.name, locale=language_of(request)
        )
        try:
            async with database.write() as db:
                made = await service.register(
                    db, new_passwords, data=wanted, caller=caller, settings=settings
                )
        except PasswordRefused as refused:
            errors = {"password": refused.reason}
        except EmailTaken:
            errors = {"email": "taken"}
        except ValidationFailed:
            errors = {"email": "invalid"}
        else:
            return answers.redirect(made, continue_to=going_to)
    return _register_page(request, settings, going_to, filled=data, errors=errors)


router = Router(
    REGISTER_PAGE,
    middleware=[limited],
    route_handlers=[show, register],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
