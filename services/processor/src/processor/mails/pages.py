"""`/unsubscribe`: where the links at the end of mails lead, and where mail programs send their one click (RFC 8058).

Neither has a session or a cookie: the token is what allows it, and allows nothing else. A GET changes nothing, because
scanners follow every link of a mail.
"""

from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.limits import limited
from common.ui.assets import style_sheet
from common.ui.pages import Pages
from processor.mails import suppressions
from processor.mails.unsubscribing import PATH, InvalidToken, Links, Unsubscribing

PAGES = Pages("processor.mails", switch="", assets={"style": style_sheet("/render/v1")})
_AGAIN = "subscribe"
_HEADERS = {"X-Robots-Tag": "noindex, nofollow"}

Token = Annotated[str, QueryParameter(name="token")]


@get("/")
async def show(request: Request[Any, Any, Any], state: State, token: Token = "") -> Response[str]:
    links: Links = state.unsubscribe_links
    try:
        about = links.read(token)
    except InvalidToken:
        return _invalid(request)
    database: Database = state.database
    async with database.read() as db:
        is_subscribed = await suppressions.is_subscribed(db, about.recipient.hex(), about.category)
    return _page(request, about, token=token, says="asks" if is_subscribed else "unsubscribed")


@post("/", status_code=200)
async def choose(request: Request[Any, Any, Any], state: State, token: Token = "") -> Response[str]:
    links: Links = state.unsubscribe_links
    try:
        about = links.read(token)
    except InvalidToken:
        return _invalid(request)
    wants_again = (await request.form()).get("wish") == _AGAIN
    database: Database = state.database
    async with database.write() as db:
        await _settle(db, about, wants_again=wants_again)
    says = "subscribed" if wants_again else "unsubscribed"
    return _page(request, about, token=token, says=says)


async def _settle(db: AsyncSession, about: Unsubscribing, *, wants_again: bool) -> None:
    if wants_again:
        await suppressions.subscribe(db, about.recipient.hex(), about.category)
    else:
        await suppressions.unsubscribe(db, about.recipient.hex(), about.category)


def _page(request: Request[Any, Any, Any], about: Unsubscribing, *, token: str, says: str) -> Response[str]:
    known = about.language in PAGES.languages.catalogues
    language = about.language if known else _asked_for(request)
    html = PAGES.render("unsubscribe.html", language, says=says, action=f"{PATH}?token={token}", here="")
    return _response(html, language)


def _invalid(request: Request[Any, Any, Any]) -> Response[str]:
    language = _asked_for(request)
    html = PAGES.render("unsubscribe.html", language, says="invalid", action="", here="")
    return _response(html, language, status=404)


def _response(html: str, language: str, *, status: int = 200) -> Response[str]:
    headers = _HEADERS | {"Content-Language": language}
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def _asked_for(request: Request[Any, Any, Any]) -> str:
    return PAGES.languages.choose(request.headers.get("accept-language", ""))


router = Router(PATH, middleware=[limited], route_handlers=[show, choose], include_in_schema=False)
