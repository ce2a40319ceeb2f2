"""`/auth/ui/consent`: whether an app may have what it asks for. The request that it made waits in `continue`."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, Router, get, post

from common.limits import Limit, limited
from common.schemas import Command
from sso.authorizations.requests import AuthorizationRefused
from sso.authorizations.service import Asked, Authorizations
from sso.clients import uris
from sso.consents import service
from sso.consents.service import Question
from sso.continuations import checked, with_continuation
from sso.dependencies import AuthorizationRequests, CurrentBrowser, CurrentCaller, OwnTransactions
from sso.forms import Continue, FormBody
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, page, redirect
from sso.sessions.browsers import Browser

PATH = "/auth/ui/consent"


class ConsentForm(Command, frozen=True, kw_only=True):
    """What was pressed, and what the page said when it was: who is asked, and for what."""

    decision: str = ""
    account: str = ""
    scope: str = ""


def on_refusal(request: Request[Any, Any, Any], exc: AuthorizationRefused) -> Response[str]:
    return page(request, "consents/refused.html", status=exc.status)


@get("/")
async def show(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    authorizations: AuthorizationRequests,
    browser: CurrentBrowser,
    continue_to: Continue = "",
) -> Response[str] | Response[None]:
    asked = await _asked(authorizations, continue_to)
    if not _may_be_asked(asked):
        return redirect(checked(continue_to))
    async with database.read() as db:
        question = await service.question(db, browser.user.id, asked.client.id, scopes=asked.scopes)
    return _page(request, asked, question, browser, continue_to)


@post("/", status_code=303, guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def decide(
    database: OwnTransactions,
    authorizations: AuthorizationRequests,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    data: FormBody[ConsentForm],
    continue_to: Continue = "",
) -> Response[None]:
    asked = await _asked(authorizations, continue_to)
    here = with_continuation(PATH, continue_to)
    async with database.write() as db:
        question = await service.question(db, browser.user.id, asked.client.id, scopes=asked.scopes)
        if data.account != str(browser.user.id) or data.scope != question.scope or not _may_be_asked(asked):
            return redirect(here)  # somebody else has signed in meanwhile, or the question has changed
        if data.decision == "allow":
            if not asked.client.is_first_party:
                await service.grant(db, browser.user, asked.client, scopes=asked.scopes, caller=caller)
            return redirect(authorizations.allowed(asked, browser))
        if data.decision != "deny":
            return redirect(here)
        service.deny(db, browser.user.id, asked.client.id, caller=caller)
    return redirect(await authorizations.denied(continue_to) or here)


async def _asked(authorizations: Authorizations, continue_to: str) -> Asked:
    """The request that waits. Raises AuthorizationRefused if it is none that could be answered."""
    asked = await authorizations.asked(continue_to)
    if asked is None:
        raise AuthorizationRefused("No request waits behind this page.")
    return asked


def _may_be_asked(asked: Asked) -> bool:
    """Nobody is asked for what the client may not have; the authorization endpoint tells it so."""
    return bool(asked.scopes) and set(asked.scopes) <= set(asked.client.scopes)


def _page(
    request: Request[Any, Any, Any], asked: Asked, question: Question, browser: Browser, continue_to: str
) -> Response[str]:
    return page(
        request,
        "consents/ask.html",
        form_targets=[uris.origin(asked.redirect_uri)],
        action=with_continuation(PATH, continue_to),
        other=with_continuation(LOGIN_PAGE, continue_to, reauth="other"),
        client=asked.client,
        home=urlsplit(asked.client.home_uri).hostname if asked.client.home_uri else "",
        back=urlsplit(asked.redirect_uri).hostname or "",
        question=question,
        user=browser.user,
    )


router = Router(
    PATH,
    middleware=[limited],
    route_handlers=[show, decide],
    exception_handlers={**ERROR_PAGES, AuthorizationRefused: on_refusal},
    include_in_schema=False,
)
