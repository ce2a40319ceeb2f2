"""`/oauth2/authorize`: where clients send people to sign in (RFC 6749 section 3.1)."""

from typing import Any

from litestar import Request, Response, Router, get, post

from common.limits import Limit, limited
from sso.authorizations import requests
from sso.authorizations.requests import PATH, AuthorizationRefused
from sso.dependencies import AuthorizationRequests, BrowserIfAny
from sso.pages import ERROR_PAGES, page, redirect

_FORM = "application/x-www-form-urlencoded"


def on_refusal(request: Request[Any, Any, Any], exc: AuthorizationRefused) -> Response[str]:
    return page(request, "authorizations/refused.html", status=exc.status, detail=exc.detail)


@get("/")
async def authorize(
    request: Request[Any, Any, Any], authorizations: AuthorizationRequests, browser_if_any: BrowserIfAny
) -> Response[None]:
    parameters = requests.parse(request.scope["query_string"])
    return redirect(await authorizations.answer(parameters, browser_if_any))


@post("/", status_code=303)
async def authorize_by_form(request: Request[Any, Any, Any]) -> Response[None]:
    """The same by a GET: cookies are `Lax`, so none come with a form that another site sends."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise AuthorizationRefused("The parameters could not be read.")
    return redirect(requests.address(requests.parse(await request.body())))


router = Router(
    PATH,
    middleware=[limited],
    opt={"limit": Limit(300, 300)},
    route_handlers=[authorize, authorize_by_form],
    exception_handlers={**ERROR_PAGES, AuthorizationRefused: on_refusal},
    include_in_schema=False,
)
