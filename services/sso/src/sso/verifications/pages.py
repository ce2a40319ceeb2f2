"""`/auth/ui/verify`: where the mailed link leads. Opening it changes nothing, pressing its button does: programs that
look at mails follow every link in them."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from common.dependencies import Db
from common.limits import Limit, limited
from common.schemas import Command
from sso.dependencies import BrowserIfAny, CurrentCaller, CurrentSettings, OwnTransactions
from sso.forms import FormBody
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, page
from sso.verifications import service
from sso.verifications.schemas import ResendRequest
from sso.verifications.service import VerificationExpired, VerificationInvalid, VerificationUsed


class VerifyForm(Command, frozen=True, kw_only=True):
    token: str = ""


class ResendForm(Command, frozen=True, kw_only=True):
    email: str = ""


def on_refusal(request: Request[Any, Any, Any], exc: VerificationInvalid) -> Response[str]:
    reason = {VerificationUsed: "used", VerificationExpired: "expired"}.get(type(exc), "invalid")
    return page(request, f"verifications/{reason}.html", status=exc.status)


@get("/", sync_to_thread=False)
def show(request: Request[Any, Any, Any], token: FromQuery[str] = "") -> Response[str]:
    if not token:
        raise VerificationInvalid
    return page(request, "verifications/confirm.html", token=token)


@post("/", status_code=200, guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def verify(
    request: Request[Any, Any, Any],
    db: Db,
    browser_if_any: BrowserIfAny,
    caller: CurrentCaller,
    data: FormBody[VerifyForm],
) -> Response[str]:
    await service.verify(db, data.token, caller=caller)
    return page(request, "verifications/confirmed.html", is_signed_in=browser_if_any is not None)


@get("/resend", sync_to_thread=False)
def show_resend(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "verifications/resend.html", email="", is_wrong=False)


@post("/resend", status_code=200, guards=[sent_by_us], opt={"limit": Limit(20, 900)})
async def resend(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[ResendForm],
) -> Response[str]:
    try:
        wanted = msgspec.convert({"email": data.email}, ResendRequest)
    except msgspec.ValidationError:
        return page(request, "verifications/resend.html", status=400, email=data.email, is_wrong=True)
    await service.resend(database, wanted.email, public_url=settings.issuer, caller=caller)
    return page(request, "verifications/sent.html")


router = Router(
    "/auth/ui/verify",
    middleware=[limited],
    route_handlers=[show, verify, show_resend, resend],
    exception_handlers={**ERROR_PAGES, VerificationInvalid: on_refusal},
    include_in_schema=False,
)
