"""`/auth/ui/login`: signing in with a browser."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.limits import Limit, limited
from common.schemas import Command
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    IdentityProviders,
    OwnTransactions,
    PasswordTrying,
)
from sso.fields import LONGEST_EMAIL, Email, Password
from sso.forms import Errors, FormBody, wrong
from sso.identities.providers import Providers
from sso.logins import service
from sso.logins.schemas import LoginRequest
from sso.logins.service import InvalidCredentials
from sso.onward import Onward
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, address_of, page, redirect
from sso.step_ups.pages import STEP_UP_PAGE


class LoginForm(Command, frozen=True, kw_only=True):
    email: str = ""
    password: str = ""


def login_page(
    request: Request[Any, Any, Any],
    providers: Providers,
    onward: Onward,
    *,
    email: str = "",
    errors: Errors | None = None,
) -> Response[str]:
    """The ways to sign in; with what is wrong with the form that was sent, if it was."""
    return page(
        request,
        "logins/login.html",
        status=400 if errors else 200,
        form_targets=onward.form_targets,
        here=address_of(request) if request.url.path == LOGIN_PAGE else None,
        onward=onward,
        providers=providers.listed(),
        email=email,
        errors=errors or {},
    )


@get("/")
async def show(
    request: Request[Any, Any, Any],
    browser_if_any: BrowserIfAny,
    identity_providers: IdentityProviders,
    onward: GoingOn,
    reauth: FromQuery[str] = "",
) -> Response[Any]:
    """Who is signed in already is sent on; or, where an app wants them to sign in anew (`reauth`), to confirm that it is
    them. Who is not the one that the browser knows asks for this page with `reauth=other`."""
    if browser_if_any is not None and not reauth:
        return redirect(onward.path)
    if browser_if_any is not None and reauth != "other":
        return redirect(onward.after(STEP_UP_PAGE))
    hint = onward.asked_for.get("login_hint", "")[:LONGEST_EMAIL]
    return login_page(request, identity_providers, onward, email=hint)


@post("/", guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def login(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    attempts: PasswordTrying,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    identity_providers: IdentityProviders,
    onward: GoingOn,
    data: FormBody[LoginForm],
) -> Response[Any]:
    errors = wrong(email=(Email, data.email), password=(Password, data.password))
    if not errors:
        wanted = LoginRequest(email=data.email, password=data.password)
        try:
            outcome = await service.login(
                database, attempts, data=wanted, caller=caller, public_url=settings.issuer
            )
        except InvalidCredentials:
            errors = {"": "credentials"}
        else:
            return answers.redirect(outcome, continue_to=onward.path)
    return login_page(request, identity_providers, onward, email=data.email, errors=errors)


router = Router(
    LOGIN_PAGE,
    middleware=[limited],
    route_handlers=[show, login],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
