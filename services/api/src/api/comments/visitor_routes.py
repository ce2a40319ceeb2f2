"""Comments over HTTP, for those who were sent a link that takes them: no account is needed."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter

from api.comments import list_queries, listing, reading, reviews, service, shaping, writers
from api.comments.listing import Listed
from api.comments.schemas import (
    CommentUpdate,
    ReplyRead,
    SharedCommentCreate,
    SharedCommentMade,
    SharedParts,
    SharedReplyCreate,
    SharedReplyMade,
    SharedSection,
    ThreadRead,
)
from api.requests import JsonRequest
from common import etags, pagination
from common.auth import authenticated_if_valid
from common.dependencies import Db, ReadDb
from common.limits import Limit, limited
from common.schemas import JSONBody, Page

WRITES = Limit(30, 3600)
"""Of one address, or one account."""
Token = Annotated[
    str | None,
    HeaderParameter(name="X-Reviewer-Token", description="From one's first comment through this link"),
]
Pass = Annotated[
    str | None,
    HeaderParameter(
        name="X-Share-Token",
        description="From `POST …/access`, where the link asks for a password; from the answer of "
        "`GET /api/v1/shared/{slug}`, where it may be opened only so often",
    ),
]


@get(
    "/",
    summary="List the comments of a link, newest first",
    description="Those that came through this link alone, on what it shows, each with the newest replies to it. A page may "
    "hold fewer than `limit`.",
)
async def list_shared_comments(
    request: Request[Any, Any, Any],
    state: State,
    slug: FromPath[str],
    reviewer_token: Token = None,  # noqa: ARG001 (read by `writers`; here for the description)
    share_token: Pass = None,  # noqa: ARG001 (read by `access`)
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ThreadRead]:
    async with state.database.read() as db:
        reviewed = await reading.through(request, db, slug)
        wanted = list_queries.of_share(reviewed.admitted.share_id)
        listed = await listing.threads(db, wanted, cursor=cursor, limit=limit)
        asking = await writers.known(request, db, reviewed.admitted)
    items = await state.reviewing.run(reviews.shown, listed, reviewed, asking)
    return Page(items=items, next_cursor=listed.next_cursor)


@get(
    "/{comment_id:uuid}/replies",
    summary="List the replies to a comment of a link, newest first",
    description="Of the whole thread, given any of it. A page may hold fewer than `limit`.",
)
async def list_shared_replies(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    slug: FromPath[str],
    comment_id: FromPath[UUID],
    reviewer_token: Token = None,  # noqa: ARG001
    share_token: Pass = None,  # noqa: ARG001
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ReplyRead]:
    reviewed = await reading.through(request, read_db, slug)
    root = await reviews.thread(read_db, reviewed, comment_id)
    found, following = await listing.replies(read_db, root, cursor=cursor, limit=limit)
    asking = await writers.known(request, read_db, reviewed.admitted)
    return Page(items=[shaping.reply(each, asking) for each in found], next_cursor=following)


@get("/parts", summary="Read the ids of what a link shows, for comments on them")
async def list_shared_parts(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    slug: FromPath[str],
    share_token: Pass = None,  # noqa: ARG001
) -> SharedParts:
    view = (await reading.through(request, read_db, slug)).view
    found = [
        SharedSection(id=section.id, name=section.name, item_ids=[item.id for item in items])
        for section, items in view.sections
    ]
    return SharedParts(sections=found)


@post(
    "/",
    opt={"limit": WRITES},
    summary="Comment on what a link shows",
    description="On the whole, the basics, a section or an item. Without an account the first comment gives a token, by "
    "which its author changes what they wrote. The ids of sections and items are in `GET …/parts`.",
    responses={201: ResponseSpec(SharedCommentMade, description="The comment")},
)
async def create_shared_comment(
    request: Request[Any, Any, Any],
    state: State,
    db: Db,
    slug: FromPath[str],
    data: JSONBody[SharedCommentCreate],
    reviewer_token: Token = None,  # noqa: ARG001
    share_token: Pass = None,  # noqa: ARG001
) -> Response[SharedCommentMade]:
    reviewed = await reading.through(request, db, slug)
    resume = await reviews.hold(db, reviewed)
    writer, token = await writers.introduced(request, db, reviewed.admitted, data.name)
    comment = await reviews.comment(db, state.notices, resume, reviewed, writer, data)
    [read] = shaping.threads(Listed(roots=[comment]), reviewed.view, writer)
    return Response(SharedCommentMade(comment=read, reviewer_token=token), status_code=201)


@post(
    "/{comment_id:uuid}/replies",
    opt={"limit": WRITES},
    summary="Reply to a comment of a link",
    responses={201: ResponseSpec(SharedReplyMade, description="The reply")},
)
async def create_shared_reply(
    request: Request[Any, Any, Any],
    state: State,
    db: Db,
    slug: FromPath[str],
    comment_id: FromPath[UUID],
    data: JSONBody[SharedReplyCreate],
    reviewer_token: Token = None,  # noqa: ARG001
    share_token: Pass = None,  # noqa: ARG001
) -> Response[SharedReplyMade]:
    reviewed = await reading.through(request, db, slug)
    resume = await reviews.hold(db, reviewed)
    root = await reviews.root(db, reviewed, comment_id)
    writer, token = await writers.introduced(request, db, reviewed.admitted, data.name)
    made = await reviews.reply(db, state.notices, resume, root, writer, data.text)
    read = SharedReplyMade(reply=shaping.reply(made, writer), reviewer_token=token)
    return Response(read, status_code=201)


@patch("/{comment_id:uuid}", opt={"limit": WRITES}, summary="Change what one said through a link")
async def update_shared_comment(
    request: Request[Any, Any, Any],
    db: Db,
    slug: FromPath[str],
    comment_id: FromPath[UUID],
    data: JSONBody[CommentUpdate],
    reviewer_token: Token = None,  # noqa: ARG001
    share_token: Pass = None,  # noqa: ARG001
    if_match: etags.IfMatch = None,
) -> Response[ReplyRead]:
    reviewed = await reading.through(request, db, slug)
    comment = await reviews.find(db, reviewed, comment_id, hold=True)
    writer = await writers.known(request, db, reviewed.admitted)
    await service.edit(db, comment, writer, data.text, if_match=if_match)
    return Response(shaping.reply(comment, writer), headers={"ETag": etags.of(comment.version)})


@delete(
    "/{comment_id:uuid}",
    opt={"limit": WRITES},
    summary="Take back what one said through a link",
    description="If others have replied, its words go and the thread stays.",
)
async def delete_shared_comment(
    request: Request[Any, Any, Any],
    db: Db,
    slug: FromPath[str],
    comment_id: FromPath[UUID],
    reviewer_token: Token = None,  # noqa: ARG001
    share_token: Pass = None,  # noqa: ARG001
) -> None:
    reviewed = await reading.through(request, db, slug)
    await reviews.hold(db, reviewed)
    comment = await reviews.find(db, reviewed, comment_id, hold=True)
    await service.delete(db, comment, await writers.known(request, db, reviewed.admitted))


router = Router(
    "/api/v1/shared/{slug:str}/comments",
    middleware=[authenticated_if_valid, limited],
    request_class=JsonRequest,
    route_handlers=[
        list_shared_comments,
        list_shared_parts,
        list_shared_replies,
        create_shared_comment,
        create_shared_reply,
        update_shared_comment,
        delete_shared_comment,
    ],
    tags=["Comments"],
)
