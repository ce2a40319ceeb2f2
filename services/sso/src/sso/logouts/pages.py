"""`/oauth2/logout`, where apps send people to sign out, and `/auth/ui/logout`, our own page for it."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post

from common.dependencies import Db
from common.limits import Limit, limited
from sso.clients import uris
from sso.continuations import HOME
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    OwnTransactions,
    SigningKeys,
)
from sso.forms import FormBody
from sso.logouts import hints, service
from sso.logouts.service import Destination, LogoutRefused, LogoutRequest
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, page, redirect
from sso.sessions.answers import SignInAnswers
from sso.sessions.browsers import Browser

OUR_PAGE = "/auth/ui/logout"
APPS_PAGE = "/oauth2/logout"


def on_refusal(request: Request[Any, Any, Any], exc: LogoutRefused) -> Response[str]:
    return page(request, "logouts/refused.html", status=exc.status, action=OUR_PAGE)


@get(APPS_PAGE, opt={"limit": Limit(100, 60)})
async def logout(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    keyring: SigningKeys,
    settings: CurrentSettings,
    answers: Answers,
    caller: CurrentCaller,
    browser_if_any: BrowserIfAny,
) -> Response[str] | Response[None]:
    asked = msgspec.convert(dict(request.query_params), LogoutRequest)
    hint = await hints.read(keyring, asked.id_token_hint, issuer=settings.issuer)
    async with database.read() as db:
        to = await service.destination(db, asked, hint)
        is_certain = await service.may_end_at_once(db, browser_if_any, hint)
    if browser_if_any is not None and not is_certain:
        return _question(request, browser_if_any, asked, to)
    async with database.write() as db:
        await service.end(db, browser_if_any, hint, caller=caller)
    return _done(answers, to)


@post(APPS_PAGE, status_code=303, opt={"limit": Limit(100, 60)})
async def logout_by_form(data: FormBody[LogoutRequest]) -> Response[None]:
    """A form of another site comes without our cookie (SameSite=Lax); asked again by GET, the browser sends it."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value}
    return redirect(service.address(APPS_PAGE, given))


@get(OUR_PAGE)
async def show(request: Request[Any, Any, Any], browser_if_any: BrowserIfAny) -> Response[str]:
    if browser_if_any is None:
        return page(request, "logouts/done.html", login=LOGIN_PAGE)
    return _question(request, browser_if_any, LogoutRequest(), Destination(None, None))


@post(OUR_PAGE, status_code=303, guards=[sent_by_us])
async def sign_out(
    db: Db,
    answers: Answers,
    caller: CurrentCaller,
    browser_if_any: BrowserIfAny,
    data: FormBody[LogoutRequest],
) -> Response[None]:
    to = await service.destination(db, data, None)
    await service.end(db, browser_if_any, None, caller=caller)
    return _done(answers, to)


def _question(
    request: Request[Any, Any, Any], browser: Browser, asked: LogoutRequest, to: Destination
) -> Response[str]:
    return page(
        request,
        "logouts/confirm.html",
        form_targets=[uris.origin(to.uri)] if to.uri else [],
        action=OUR_PAGE,
        stay=HOME,
        app=to.name,
        email=browser.user.email,
        fields={
            "client_id": to.client.id if to.client else "",
            "post_logout_redirect_uri": asked.post_logout_redirect_uri,
            "state": asked.state,
        },
    )


def _done(answers: SignInAnswers, to: Destination) -> Response[None]:
    return redirect(
        to.uri or OUR_PAGE, cookies=[answers.cookie.cleared(), answers.challenge_cookie.cleared()]
    )


router = Router(
    "/",
    middleware=[limited],
    route_handlers=[logout, logout_by_form, show, sign_out],
    exception_handlers={**ERROR_PAGES, LogoutRefused: on_refusal},
    include_in_schema=False,
)
