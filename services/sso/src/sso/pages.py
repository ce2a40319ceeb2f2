"""The hosted pages: HTML in the language that the browser asks for, errors too. Nothing of them needs JavaScript."""

from typing import Any

from babel.dates import format_timedelta
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from common import context, problems
from common.ui.pages import Pages
from sso.continuations import HOME, checked, with_continuation

PAGES = Pages("sso", style="/auth/ui.css")
LOGIN_PAGE = "/auth/ui/login"


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response[str]:
    language = language_of(request)
    return Response(
        PAGES.render(template, language, **values),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Content-Language": language, "Vary": "Accept-Language", **(headers or {})},
    )


def language_of(request: Request[Any, Any, Any]) -> str:
    return PAGES.languages.choose(request.headers.get("accept-language", ""))


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
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    continue_to = checked(here) if request.method == "GET" else HOME
    return redirect(with_continuation(LOGIN_PAGE, continue_to))


def redirect(address: str, *, cookies: list[Cookie] | None = None) -> Response[None]:
    """303: whatever was sent is done, and the browser asks for `address` by GET."""
    return Response(None, status_code=303, headers={"Location": address}, cookies=cookies)


ERROR_PAGES: dict[Any, Any] = {
    **dict.fromkeys(problems.handlers(""), on_error),
    SignInNeeded: on_sign_in_needed,
}
"""Exception handlers for the routers of pages: they stand before those that answer with problem documents."""
