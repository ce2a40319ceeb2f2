"""`/auth/ui/magic`: having a link mailed to sign in by, and where it leads. Opening it changes nothing, pressing its
button does: programs that look at mails follow every link in them."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.limits import Limit, limited
from common.schemas import Command
from sso.dependencies import (
    Answers,
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    IdentityProviders,
    OwnTransactions,
)
from sso.fields import Email
from sso.forms import FormBody, wrong
from sso.logins.pages import login_page
from sso.magic_links import service
from sso.magic_links.service import PAGE
from sso.mailed_links import LinkExpired, LinkInvalid, LinkUsed
from sso.onward import lead
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, page, redirect


class RequestForm(Command, frozen=True, kw_only=True):
    """The login page's form; the password is nothing here."""

    email: str = ""
    password: str = ""


class OpenForm(Command, frozen=True, kw_only=True):
    token: str = ""


def on_refusal(request: Request[Any, Any, Any], exc: LinkInvalid) -> Response[str]:
    reason = {LinkUsed: "used", LinkExpired: "expired"}.get(type(exc), "invalid")
    return page(request, "magic_links/refused.html", status=exc.status, reason=reason)


@post("/request", guards=[sent_by_us], opt={"limit": Limit(20, 900)})
async def ask(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    caller: CurrentCaller,
    settings: CurrentSettings,
    identity_providers: IdentityProviders,
    onward: GoingOn,
    data: FormBody[RequestForm],
) -> Response[Any]:
    if errors := wrong(email=(Email, data.email)):
        return login_page(request, identity_providers, onward, email=data.email, errors=errors)
    await service.request(
        database, data.email, caller=caller, public_url=settings.issuer, continue_to=onward.path
    )
    return redirect(onward.after(f"{PAGE}/sent"))


@get("/sent", sync_to_thread=False)
def sent(request: Request[Any, Any, Any], onward: GoingOn) -> Response[str]:
    return page(request, "magic_links/sent.html", onward=onward)


@get("/")
async def show(
    request: Request[Any, Any, Any], database: OwnTransactions, token: FromQuery[str] = ""
) -> Response[str]:
    if not token:
        raise LinkInvalid
    onward = await lead(database, await service.destination(database, token))
    return page(request, "magic_links/open.html", form_targets=onward.form_targets, token=token)


@post("/", guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def sign_in(
    database: OwnTransactions,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[OpenForm],
) -> Response[None]:
    opened = await service.confirm(database, data.token, caller=caller, public_url=settings.issuer)
    return answers.redirect(opened.outcome, continue_to=opened.continue_to)


router = Router(
    PAGE,
    middleware=[limited],
    route_handlers=[ask, sent, show, sign_in],
    exception_handlers={**ERROR_PAGES, LinkInvalid: on_refusal},
    include_in_schema=False,
)
