"""`/r/{slug}/comments`: what was said through a link, and a form to say something. No account, no JavaScript."""

import re
from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import choices, list_queries, listing, reading, reviews, writers
from api.comments.choices import Choices
from api.comments.listing import Listed
from api.comments.reading import CommentsNotAllowed, Reviewed, ShareNotOpened
from api.comments.reviewing import Reviewing
from api.comments.schemas import LONGEST_NAME, LONGEST_TEXT, SharedCommentCreate
from api.comments.service import CommentNotFound
from api.comments.visitor_routes import WRITES
from api.comments.writers import Writer
from api.shares import access
from api.shares.access import PasswordRequired, ShareNotFound
from api.shares.pages import NOINDEX, POLICIES, on_error
from api.shares.reading.dates import day
from api.shares.reading.fields import Writing
from api.shares.showing import PAGES
from common import pagination, problems
from common.db import Database
from common.limits import limited
from common.problems import Forbidden, Problem
from common.schemas import Command

SHOWN, ROOM = 50, 90_000
"""Threads on one page, and what they may say together: half of what the API has room for, beside the choices."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Under no-referrer browsers send forms with `Origin: null`, and nobody could tell them from those of others.
_HEADERS = POLICIES | NOINDEX | {"Referrer-Policy": "strict-origin", "Vary": "Accept-Language"}


class CommentForm(Command, frozen=True, kw_only=True):
    """What the form sends; `thread` is the comment that is replied to."""

    about: str = "resume"
    thread: str = ""
    name: str = ""
    text: str = ""


FormBody = Annotated[CommentForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Sent = Annotated[str, QueryParameter(name="sent")]


@get("/")
async def show_comments(
    request: Request[Any, Any, Any],
    state: State,
    slug: FromPath[str],
    sent: Sent = "",
    cursor: pagination.Cursor = None,
) -> Response[Any]:
    try:
        return await _page(request, state, slug, cursor=cursor, is_sent=bool(sent))
    except (PasswordRequired, ShareNotOpened):
        return Response(None, status_code=303, headers={"Location": f"/r/{slug}"})


@post("/", opt={"limit": WRITES})
async def send_comment(
    request: Request[Any, Any, Any], state: State, slug: FromPath[str], data: FormBody
) -> Response[Any]:
    if not access.comes_from_us(request, state.settings):
        raise Forbidden("This form was not sent from our own page.")
    database: Database = state.database
    try:
        async with database.write() as db:
            cookies = await _say(request, db, state, slug, data)
    except (PasswordRequired, ShareNotOpened):
        return Response(None, status_code=303, headers={"Location": f"/r/{slug}"})
    except (ShareNotFound, CommentsNotAllowed):
        raise
    except Problem as problem:
        if problem.status not in {404, 409, 422}:
            raise
        return await _page(request, state, slug, wrong=problem.code, sent=data)
    return Response(
        None, status_code=303, headers={"Location": f"/r/{slug}/comments?sent=1#sent"}, cookies=cookies
    )


async def _say(
    request: Request[Any, Any, Any], db: AsyncSession, state: State, slug: str, data: CommentForm
) -> list[Any]:
    """Take the comment; the cookies by which its author is known afterwards."""
    reviewed = await reading.through(request, db, slug)
    resume = await reviews.hold(db, reviewed)
    name, text = " ".join(_plain(data.name).split())[:LONGEST_NAME], _plain(data.text)[:LONGEST_TEXT]
    writer, token = await writers.introduced(request, db, reviewed.admitted, name)
    if data.thread:
        root = await reviews.root(db, reviewed, _id(data.thread))
        await reviews.reply(db, state.notices, resume, root, writer, text)
    else:
        anchor = choices.anchor_of(data.about)
        if anchor is None:
            raise CommentNotFound
        comment = SharedCommentCreate(text=text, anchor=anchor)
        await reviews.comment(db, state.notices, resume, reviewed, writer, comment)
    return [writers.cookie(request, reviewed.admitted.share_id, token)] if token else []


def _plain(text: str) -> str:
    """Without the control characters that no keyboard types, and PostgreSQL does not keep."""
    return _CONTROLS.sub("", text)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommentNotFound from None


async def _page(
    request: Request[Any, Any, Any],
    state: State,
    slug: str,
    *,
    cursor: str | None = None,
    wrong: str = "",
    is_sent: bool = False,
    sent: CommentForm | None = None,
) -> Response[bytes]:
    """The rows are read in a session; the page is made of them without one, in a thread."""
    database: Database = state.database
    reviewing: Reviewing = state.reviewing
    async with database.read() as db:
        reviewed = await reading.through(request, db, slug)
        asking = await writers.known(request, db, reviewed.admitted)
        wanted = list_queries.of_share(reviewed.admitted.share_id)
        listed = await listing.threads(db, wanted, cursor=cursor, limit=SHOWN, room=ROOM)
    language = PAGES.languages.choose(request.headers.get("accept-language", ""))
    offered = await reviewing.choices(reviewed.offered, language)
    values = {"slug": slug.lower(), "wrong": wrong, "is_sent": is_sent, "sent": sent or CommentForm()}
    html = await reviewing.run(_html, language, reviewed, listed, asking, offered, values)
    headers = _HEADERS | {"Content-Language": language}
    return Response(html, status_code=422 if wrong else 200, media_type=MediaType.HTML, headers=headers)


def _html(
    language: str,
    reviewed: Reviewed,
    listed: Listed,
    asking: Writer,
    offered: Choices,
    values: dict[str, Any],
) -> bytes:
    writing = Writing(language, lambda text: PAGES.languages.translate(language, text))
    html = PAGES.render(
        "comments.html",
        language,
        here="",
        groups=offered.groups,
        threads=reviews.shown(listed, reviewed, asking),
        about={root.id: choices.label_of(root, reviewed.view, offered, writing) for root in listed.roots},
        older=listed.next_cursor,
        name=asking.name or values["sent"].name,
        is_known=asking.is_owner or asking.reviewer_id is not None,
        longest=LONGEST_TEXT,
        day=lambda at: day(at, language),
        **values,
    )
    return html.encode()


def _not_allowed(request: Request[Any, Any, Any], _exc: Exception) -> Response[Any]:
    """A link that takes no comments has no such page."""
    return on_error(request, ShareNotFound())


router = Router(
    "/r/{slug:str}/comments",
    middleware=[limited],
    route_handlers=[show_comments, send_comment],
    exception_handlers={
        ShareNotFound: on_error,
        CommentsNotAllowed: _not_allowed,
        **dict.fromkeys(problems.handlers(""), on_error),
    },
    include_in_schema=False,
)
