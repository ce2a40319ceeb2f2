"""`/auth/ui/register`: making an account with a browser."""

from typing import Any

from litestar import Request, Response, Router, get, post

from common.limits import Limit, limited
from common.problems import ValidationFailed
from common.schemas import Command
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    NewPasswordAcceptance,
    OwnTransactions,
)
from sso.fields import LONGEST_EMAIL, Email, Password, PersonName
from sso.forms import Errors, FormBody, wrong
from sso.onward import Onward
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, address_of, language_of, page, redirect
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
    onward: Onward,
    *,
    filled: RegisterForm,
    errors: Errors | None = None,
) -> Response[str]:
    return page(
        request,
        "registrations/register.html",
        status=400 if errors else 200,
        here=address_of(request),
        form_targets=onward.form_targets,
        onward=onward,
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
    onward: GoingOn,
) -> Response[Any]:
    if browser_if_any is not None:
        return redirect(onward.path)
    hint = onward.asked_for.get("login_hint", "")[:LONGEST_EMAIL]
    return _register_page(request, settings, onward, filled=RegisterForm(email=hint))


@post("/", guards=[sent_by_us], opt={"limit": Limit(100, 900)})
async def register(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    new_passwords: NewPasswordAcceptance,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    onward: GoingOn,
    data: FormBody[RegisterForm],
) -> Response[Any]:
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
            return answers.redirect(made, continue_to=onward.path)
    return _register_page(request, settings, onward, filled=data, errors=errors)


router = Router(
    REGISTER_PAGE,
    middleware=[limited],
    route_handlers=[show, register],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
