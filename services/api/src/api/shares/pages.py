"""`/r/…`: what a link shows in a browser. No account, no JavaScript, nothing from other hosts."""

from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get, head, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, QueryParameter, SkipValidation

from api.shares import access, guesses, pictures
from api.shares.access import PasswordRequired, ShareNotFound
from api.shares.files import Files
from api.shares.guesses import PasswordWrong
from api.shares.models import Share
from api.shares.opening import with_pass, without_picture
from api.shares.passwords import LONGEST, PasswordHashing
from api.shares.showing import PAGES, STYLE, UI_STYLE
from api.shares.views.counting import is_bot
from api.shares.visitor_routes import ShareOpenings
from common import context, problems
from common.limits import Limit, RateLimitExceeded, limited
from common.problems import Forbidden, Unavailable
from common.schemas import Command

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
POLICIES = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # The address of a page is all that is needed to see it: no link on it tells where it was followed.
    "Referrer-Policy": "no-referrer",
}
NOINDEX = {"X-Robots-Tag": "noindex, nofollow"}
SHOWN_TO_BOTS = "preview.html"
PAGES_BY_ADDRESS, FILES_BY_ADDRESS = Limit(300, 60), Limit(60, 60)
"""Of all links together, by one address, which may be that of a whole office."""


class PasswordForm(Command, frozen=True, kw_only=True):
    password: str = ""


ShareFiles = NamedDependency[SkipValidation[Files]]
FormBody = Annotated[PasswordForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
PictureName = Annotated[str, QueryParameter(name="v")]
Pass = Annotated[str, QueryParameter(name="pass")]


@get("/{slug:str}", opt={"limit": PAGES_BY_ADDRESS})
async def show(
    request: Request[Any, Any, Any],
    state: State,
    openings: ShareOpenings,
    share_files: ShareFiles,
    slug: FromPath[str],
) -> Response[Any]:
    try:
        shared, made, is_kept = await openings.look(request, slug)
    except PasswordRequired:
        return _form(request, slug)
    share = shared.share
    if share.max_views is not None and (early := _before_anybody_looks(request)):
        return early
    await openings.count(request, share)
    html = with_pass(made, share)
    if access.is_for_everybody(share) and not await share_files.is_drawn(shared, made.naming):
        html = without_picture(html, made)
    return Response(
        html,
        media_type=MediaType.HTML,
        cookies=[access.cookie(share, state.settings, "view")] if access.is_for_comments(share) else [],
        headers=_headers(share) | {"X-Cache": "HIT" if is_kept else "MISS"},
    )


@head("/{slug:str}", opt={"limit": PAGES_BY_ADDRESS})
async def show_head(
    request: Request[Any, Any, Any], openings: ShareOpenings, slug: FromPath[str]
) -> Response[None]:
    """What the page would be, uncounted, because nobody sees it."""
    try:
        shared, _, _ = await openings.look(request, slug)
    except PasswordRequired:
        return Response(None, media_type=MediaType.HTML, headers=POLICIES | NOINDEX)
    return Response(None, media_type=MediaType.HTML, headers=_headers(shared.share))


@post("/{slug:str}", opt={"limit": FILES_BY_ADDRESS})
async def enter(
    request: Request[Any, Any, Any],
    state: State,
    passwords: PasswordHashing,
    slug: FromPath[str],
    data: FormBody,
) -> Response[Any]:
    if request.headers.get("origin") and not access.comes_from_us(request, state.settings):
        raise Forbidden("This form was not sent from our own page.")
    async with state.database.read() as db:
        share = (await access.find(db, slug)).share
    try:
        await guesses.check(request, passwords, share, data.password[: LONGEST + 1])
    except PasswordWrong:
        return _form(request, slug, wrong="wrong", status=403)
    except RateLimitExceeded as error:
        return _form(request, slug, wrong="often", status=429, headers=error.headers)
    cookies = [access.cookie(share, state.settings)] if share.password_hash else []
    return Response(None, status_code=303, headers={"Location": f"/r/{share.slug}"}, cookies=cookies)


@get("/{slug:str}/resume.pdf", opt={"limit": FILES_BY_ADDRESS})
async def download(
    request: Request[Any, Any, Any],
    openings: ShareOpenings,
    share_files: ShareFiles,
    slug: FromPath[str],
    shown_pass: Pass = "",
) -> Response[Any]:
    try:
        shared, made = await openings.for_file(request, slug, shown_pass)
    except PasswordRequired:
        return Response(None, status_code=303, headers={"Location": f"/r/{slug}"})
    address = await share_files.pdf(shared, made)
    if address is None:
        again = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return _page(request, "preparing.html", status=202, headers={"Retry-After": "3"}, again=again)
    openings.downloaded(request, shared.share)
    return Response(None, status_code=303, headers={"Location": address} | NOINDEX)


@get("/{slug:str}/og.png", opt={"limit": FILES_BY_ADDRESS})
async def picture(
    openings: ShareOpenings, share_files: ShareFiles, slug: FromPath[str], wanted: PictureName = ""
) -> Response[bytes]:
    shared, made = await openings.card(slug)
    drawn = await share_files.card(shared, made) if made else None
    if made is None:
        kept = "public, max-age=3600"
    elif drawn is None:
        kept = "no-store"  # the one that belongs here may be drawn in the next second
    else:
        kept = f"public, max-age={86400 if wanted == made.naming.card else 60}"
    return Response(
        drawn or pictures.NEUTRAL.content,
        media_type="image/png",
        headers={"Cache-Control": kept} | NOINDEX,
    )


def _before_anybody_looks(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """What opens a link without anybody seeing it must not use up one of its few views."""
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        raise Unavailable("This page is not fetched in advance.")
    return _page(request, SHOWN_TO_BOTS) if is_bot(request) else None


def _headers(share: Share) -> dict[str, str]:
    return POLICIES if access.is_indexed(share) else POLICIES | NOINDEX


def _form(
    request: Request[Any, Any, Any],
    slug: str,
    *,
    wrong: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[str]:
    # Under no-referrer browsers send forms with `Origin: null`, and nobody could tell them from those of others.
    own = {"Referrer-Policy": "strict-origin"} | (headers or {})
    return _page(request, "password.html", status=status, headers=own, slug=slug.lower(), wrong=wrong)


def _page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response[str]:
    """A page that is no resume, in the language that the browser asks for."""
    language = PAGES.languages.choose(request.headers.get("accept-language", ""))
    picture_url = f"{request.app.state.settings.issuer}{pictures.NEUTRAL.address}"
    html = PAGES.render(template, language, here="", picture=picture_url, **values)
    own = {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(
        html,
        status_code=status,
        media_type=MediaType.HTML,
        headers=POLICIES | NOINDEX | own | (headers or {}),
    )


def on_error(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """What the problem document would say, as a page; one and the same for all links that do not work."""
    standard = request.app.exception_handlers
    handler = next(standard[kind] for kind in type(exc).__mro__ if kind in standard)
    problem = handler(request, exc)
    status = problem.status_code or 500
    if request.method == "HEAD":
        return Response(None, status_code=status, media_type=MediaType.HTML, headers=POLICIES | NOINDEX)
    kept = {
        name: value for name, value in problem.headers.items() if name.lower() in {"retry-after", "allow"}
    }
    values = {"code": status, "request_id": context.request_id.get()}
    return _page(request, "error.html", status=status, headers=kept, **values)


router = Router(
    "/r",
    middleware=[limited],
    route_handlers=[show, show_head, enter, download, picture],
    exception_handlers={ShareNotFound: on_error, **dict.fromkeys(problems.handlers(""), on_error)},
    include_in_schema=False,
)
assets = [STYLE.route(), UI_STYLE.route(), pictures.NEUTRAL.route()]
