"""The hosted pages: HTML in the language that the browser asks for, errors too. Nothing of them needs JavaScript."""

from collections.abc import Sequence
from typing import Any

from babel.dates import format_timedelta
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from common import context, problems
from common.edge import CONTENT_SECURITY_POLICY
from common.ui.assets import script, style_sheet
from common.ui.pages import Pages
from sso.continuations import HOME, asked_for, checked, with_continuation
from sso.passkeys.script import SCRIPT as PASSKEY_SCRIPT

STYLE, SCRIPT = style_sheet("/auth"), script("/auth")
LANGUAGE_PAGE = "/auth/ui/language"
LANGUAGE_COOKIE = "resumax_language"
_ASSETS = {"style": STYLE, "script": SCRIPT, "passkey_script": PASSKEY_SCRIPT}
PAGES = Pages("sso", switch=LANGUAGE_PAGE, assets=_ASSETS)
LOGIN_PAGE = "/auth/ui/login"


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    form_targets: Sequence[str] = (),
    here: str | None = None,
    **values: Any,
) -> Response[str]:
    """`template` in the reader's language.

    `form_targets` are origins that the redirects after its forms may lead to, beside our own: Chrome holds them against
    `form-action` too. `here` is where the choice of another language leads back to: the page itself where it was asked
    for by GET, nowhere (there is no choice) if it answers a form, unless told.
    """
    language = language_of(request)
    own = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    if form_targets:
        targets = " ".join(["form-action 'self'", *form_targets])
        own["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("form-action 'self'", targets)
    if here is None:
        here = address_of(request) if request.method == "GET" else ""
    return Response(
        PAGES.render(template, language, here=here, **values),
        status_code=status,
        media_type=MediaType.HTML,
        headers=own | (headers or {}),
    )


def address_of(request: Request[Any, Any, Any]) -> str:
    """The path and query of `request`, which a form sent by POST has too."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def language_of(request: Request[Any, Any, Any]) -> str:
    """What was chosen here; else what the app asks for that somebody signs in to (`ui_locales`); else what the browser
    asks for."""
    chosen = request.cookies.get(f"__Host-{LANGUAGE_COOKIE}") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in PAGES.languages.catalogues:
        return chosen
    asked = asked_for(request.query_params.get("continue", "")) or request.query_params
    by_app = asked.get("ui_locales", "").replace(" ", ",")
    wanted = [by_app] * bool(by_app) + [request.headers.get("accept-language", "")]
    return PAGES.languages.choose(",".join(wanted))


def on_error(request: Request[Any, Any, Any], exc: Exception) -> Response[str]:
    """What the problem document would say, as a page: its status and headers, and the crash in the log."""
    standard = request.app.exception_handlers
    handler = next(standard[kind] for kind in type(exc).__mro__ if kind in standard)
    problem = handler(request, exc)
    return page(
        request,
        "error.html",
        status=problem.status_code or 500,
        headers=dict(problem.headers),
        code=problem.status_code or 500,
        when=_when(problem.headers.get("Retry-After"), language_of(request)),
        request_id=context.request_id.get(),
    )


def _when(retry_after: str | None, language: str) -> str:
    """`in 3 minutes`, in words of the language; empty if nothing says how long."""
    if retry_after is None:
        return ""
    locale = language.replace("-", "_")
    return format_timedelta(int(retry_after), add_direction=True, locale=locale)


class SignInNeeded(Exception):
    """Nobody is signed in with this browser. Raised by pages that need somebody; the answer is the way to sign in."""


def on_sign_in_needed(request: Request[Any, Any, Any], _exc: SignInNeeded) -> Response[None]:
    continue_to = checked(address_of(request)) if request.method == "GET" else HOME
    return redirect(with_continuation(LOGIN_PAGE, continue_to))


def redirect(address: str, *, cookies: list[Cookie] | None = None) -> Response[None]:
    """303: whatever was sent is done, and the browser asks for `address` by GET."""
    return Response(None, status_code=303, headers={"Location": address}, cookies=cookies)


ERROR_PAGES: dict[Any, Any] = {
    **dict.fromkeys(problems.handlers(""), on_error),
    SignInNeeded: on_sign_in_needed,
}
"""Exception handlers for the routers of pages: they stand before those that answer with problem documents."""
