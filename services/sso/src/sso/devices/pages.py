"""`/auth/ui/device`: where somebody types what a device shows, sees who asks for what, and allows or denies it.

A code in the address is only filled in: nothing is looked up or allowed without a press of a button (RFC 8628 section
5.4, where a stranger sends somebody the address of a request of their own).
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.ids import now
from common.limits import Limit, limited
from common.schemas import Command
from sso.dependencies import CurrentBrowser, CurrentCaller, DeviceUserCodes, OwnTransactions
from sso.devices import service
from sso.devices.codes import read, shown
from sso.devices.routes import PAGE
from sso.devices.service import Entry, Waiting
from sso.forms import FormBody, field
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, page
from sso.sessions import agents
from sso.sessions.browsers import Browser

_LONGEST = 64
DECISION = f"{PAGE}/decision"


class CodeForm(Command, frozen=True, kw_only=True):
    user_code: str = field("user_code")


class DecisionForm(Command, frozen=True, kw_only=True):
    """What was pressed, for which request, and who the page said would allow it."""

    decision: str = ""
    request: UUID | None = None
    account: str = ""


@get("/")
async def show(
    request: Request[Any, Any, Any], browser: CurrentBrowser, user_code: FromQuery[str] = ""
) -> Response[str]:
    return _form(request, browser, user_code)


@post("/", status_code=200, guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def enter(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    user_codes: DeviceUserCodes,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    data: FormBody[CodeForm],
) -> Response[str]:
    async with database.write() as db:
        found = await service.enter(db, user_codes, data.user_code, user=browser.user, caller=caller)
    if found is Entry.TOO_MANY:
        return _form(request, browser, data.user_code, error="too_many", status=429)
    if found is Entry.UNKNOWN:
        return _form(request, browser, data.user_code, error="unknown", status=400)
    return _question(request, browser, found, data.user_code)


@post("/decision", status_code=200, guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def decide(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    data: FormBody[DecisionForm],
) -> Response[str]:
    # Somebody else may have signed in meanwhile, in another tab.
    is_theirs = data.account == str(browser.user.id)
    if data.request is None or data.decision not in {"allow", "deny"} or not is_theirs:
        return page(request, "devices/over.html", status=400, again=PAGE)
    is_allowed = data.decision == "allow"
    async with database.write() as db:
        is_done = await service.decide(db, data.request, browser, is_allowed=is_allowed, caller=caller)
    if not is_done:
        return page(request, "devices/over.html", status=400, again=PAGE)
    return page(request, "devices/done.html", is_allowed=is_allowed)


def _form(
    request: Request[Any, Any, Any], browser: Browser, user_code: str, *, error: str = "", status: int = 200
) -> Response[str]:
    return page(
        request,
        "devices/enter.html",
        status=status,
        here=PAGE,
        action=PAGE,
        email=browser.user.email,
        user_code=user_code[:_LONGEST],
        error=error,
    )


def _question(
    request: Request[Any, Any, Any], browser: Browser, waiting: Waiting, user_code: str
) -> Response[str]:
    asked = waiting.request
    agent = agents.parse(asked.user_agent)
    return page(
        request,
        "devices/ask.html",
        action=DECISION,
        user=browser.user,
        client=waiting.client,
        scopes=asked.scope.split(),
        request_id=asked.id,
        user_code=shown(read(user_code)),
        ip=asked.ip,
        system=None if agents.UNKNOWN in {agent.os, agent.browser} else f"{agent.browser}, {agent.os}",
        minutes=int((now() - asked.created_at).total_seconds() // 60),
    )


router = Router(
    PAGE,
    middleware=[limited],
    route_handlers=[show, enter, decide],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
