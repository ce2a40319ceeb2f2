"""`/auth/ui/reset`: asking for a link to set a new password, and where that link leads."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.limits import Limit, limited
from common.schemas import Command
from sso.dependencies import (
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    NewPasswordAcceptance,
    OwnTransactions,
)
from sso.fields import Email, Password
from sso.forms import Errors, FormBody, wrong
from sso.mailed_links import LinkExpired, LinkInvalid, LinkUsed
from sso.onward import Onward
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, address_of, page, redirect
from sso.password_resets import service
from sso.password_resets.service import PAGE
from sso.passwords.policy import PasswordRefused
from sso.settings import Settings


class RequestForm(Command, frozen=True, kw_only=True):
    email: str = ""


class NewPasswordForm(Command, frozen=True, kw_only=True):
    token: str = ""
    username: str = ""
    password: str = ""


def on_refusal(request: Request[Any, Any, Any], exc: LinkInvalid) -> Response[str]:
    reason = {LinkUsed: "used", LinkExpired: "expired"}.get(type(exc), "invalid")
    return page(request, "password_resets/refused.html", status=exc.status, reason=reason)


def _request_page(
    request: Request[Any, Any, Any], onward: Onward, *, email: str = "", errors: Errors | None = None
) -> Response[str]:
    return page(
        request,
        "password_resets/request.html",
        status=400 if errors else 200,
        here=address_of(request),
        onward=onward,
        email=email,
        errors=errors or {},
    )


def _new_password_page(
    request: Request[Any, Any, Any],
    settings: Settings,
    token: str,
    email: str,
    *,
    errors: Errors | None = None,
) -> Response[str]:
    return page(
        request,
        "password_resets/new.html",
        status=400 if errors else 200,
        token=token,
        email=email,
        min_length=settings.password_min_length,
        errors=errors or {},
    )


@get("/")
async def show(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    settings: CurrentSettings,
    onward: GoingOn,
    token: FromQuery[str] = "",
) -> Response[str]:
    if not token:
        return _request_page(request, onward)
    user = await service.owner(database, token)
    return _new_password_page(request, settings, token, user.email)


@post("/", guards=[sent_by_us], opt={"limit": Limit(20, 900)})
async def ask(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    caller: CurrentCaller,
    settings: CurrentSettings,
    onward: GoingOn,
    data: FormBody[RequestForm],
) -> Response[Any]:
    if errors := wrong(email=(Email, data.email)):
        return _request_page(request, onward, email=data.email, errors=errors)
    await service.request(database, data.email, caller=caller, public_url=settings.issuer)
    return redirect(onward.after(f"{PAGE}/sent"))


@get("/sent", sync_to_thread=False)
def sent(request: Request[Any, Any, Any], onward: GoingOn) -> Response[str]:
    return page(request, "password_resets/sent.html", onward=onward)


@post("/new", guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def set_password(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    new_passwords: NewPasswordAcceptance,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[NewPasswordForm],
) -> Response[Any]:
    errors = wrong(password=(Password, data.password))
    if not errors:
        try:
            await service.confirm(
                database,
                new_passwords,
                token=data.token,
                password=data.password,
                caller=caller,
                public_url=settings.issuer,
            )
        except PasswordRefused as refused:
            errors = {"password": refused.reason}
        else:
            return redirect(f"{PAGE}/done")
    user = await service.owner(database, data.token)
    return _new_password_page(request, settings, data.token, user.email, errors=errors)


@get("/done", sync_to_thread=False)
def done(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "password_resets/done.html")


router = Router(
    PAGE,
    middleware=[limited],
    route_handlers=[show, ask, sent, set_password, done],
    exception_handlers={**ERROR_PAGES, LinkInvalid: on_refusal},
    include_in_schema=False,
)
