"""Comments over HTTP, for the owner of the resume."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.comments import decisions, list_queries, listing, reading, service, shaping
from api.comments.listing import Listed
from api.comments.schemas import (
    CommentCreate,
    CommentRead,
    CommentUpdate,
    Rejection,
    ReplyCreate,
    ReplyRead,
    Resolution,
    Summary,
)
from api.comments.writers import OWNER
from api.dependencies import Contents
from api.requests import JsonRequest
from api.resumes import service as resumes
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page

ThreadState = Annotated[
    list_queries.State | None, QueryParameter(name="state", description="All unless named")
]
OfItem = Annotated[UUID | None, QueryParameter(name="itemId", description="Only those on this item")]
Force = Annotated[
    bool, QueryParameter(description="Although what it would change says something else by now")
]


@get(
    "/resumes/{resume_id:uuid}/comments",
    summary="List the comments on a resume, newest first",
    description="Each with the newest replies to it. A page may hold fewer than `limit`.",
)
async def list_comments(
    state: State,
    read_db: ReadDb,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    thread_state: ThreadState = None,
    item_id: OfItem = None,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[CommentRead]:
    resume = await resumes.get(read_db, resume_id, owner_id=user.id)
    wanted = list_queries.of_resume(resume.id, state=thread_state, item_id=item_id)
    listed = await listing.threads(read_db, wanted, cursor=cursor, limit=limit)
    view = await reading.whole(read_db, resume)
    items = await state.reviewing.run(shaping.owned, listed, view, OWNER)
    return Page(items=items, next_cursor=listed.next_cursor)


@get("/resumes/{resume_id:uuid}/comments/summary", summary="Count the open comments on each part of a resume")
async def summarise_comments(read_db: ReadDb, user: CurrentUser, resume_id: FromPath[UUID]) -> Summary:
    resume = await resumes.get(read_db, resume_id, owner_id=user.id)
    found = await list_queries.open_parts(read_db, resume.id)
    return shaping.summary(found, await reading.whole(read_db, resume))


@post(
    "/resumes/{resume_id:uuid}/comments",
    summary="Comment on a resume of one's own",
    description="Nobody else sees it. With a `suggestion` it can be taken over later.",
    responses={201: ResponseSpec(CommentRead, description="The comment; `Location` names it")},
)
async def create_comment(
    request: Request[Any, Any, Any],
    db: Db,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[CommentCreate],
) -> Response[bytes]:
    location = ""

    async def create() -> CommentRead:
        nonlocal location
        resume = await resumes.hold(db, resume_id, owner_id=user.id)
        view = await reading.whole(db, resume)
        comment = await service.create(db, resume, view, OWNER, data)
        location = f"/api/v1/comments/{comment.id}"
        return shaping.owned(Listed(roots=[comment]), view, OWNER)[0]

    response = await once(db, request, create, status=201)
    if location:
        response.headers["Location"] = location
    return response


@get("/comments/{comment_id:uuid}", summary="Read a comment, with its thread")
async def get_comment(
    read_db: ReadDb, user: CurrentUser, comment_id: FromPath[UUID]
) -> Response[CommentRead]:
    root = await service.thread(read_db, comment_id, owner_id=user.id)
    return await reading.answer(read_db, root, owner_id=user.id)


@get(
    "/comments/{comment_id:uuid}/replies",
    summary="List the replies to a comment, newest first",
    description="Of the whole thread, given any of it. A page may hold fewer than `limit`.",
)
async def list_replies(
    read_db: ReadDb,
    user: CurrentUser,
    comment_id: FromPath[UUID],
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ReplyRead]:
    root = await service.thread(read_db, comment_id, owner_id=user.id)
    found, following = await listing.replies(read_db, root, cursor=cursor, limit=limit)
    return Page(items=[shaping.reply(each, OWNER) for each in found], next_cursor=following)


@patch("/comments/{comment_id:uuid}", summary="Change what one said")
async def update_comment(
    db: Db,
    user: CurrentUser,
    comment_id: FromPath[UUID],
    data: JSONBody[CommentUpdate],
    if_match: etags.IfMatch = None,
) -> Response[CommentRead]:
    comment = await service.get(db, comment_id, owner_id=user.id, hold=True)
    await service.edit(db, comment, OWNER, data.text, if_match=if_match)
    return await reading.answer(db, await service.root_of(db, comment), owner_id=user.id)


@delete(
    "/comments/{comment_id:uuid}",
    summary="Delete a comment, whoever wrote it",
    description="With the replies to it.",
)
async def delete_comment(db: Db, user: CurrentUser, comment_id: FromPath[UUID]) -> None:
    comment = await service.to_delete(db, comment_id, owner_id=user.id)
    await service.delete(db, comment, OWNER)


@post(
    "/comments/{comment_id:uuid}/replies",
    summary="Reply to a comment",
    responses={201: ResponseSpec(ReplyRead, description="The reply")},
)
async def create_reply(
    request: Request[Any, Any, Any],
    db: Db,
    user: CurrentUser,
    comment_id: FromPath[UUID],
    data: JSONBody[ReplyCreate],
) -> Response[bytes]:
    async def create() -> ReplyRead:
        found = await service.kept(db, comment_id, owner_id=user.id)
        resume = await resumes.hold(db, found.resume_id, owner_id=user.id)
        root = await service.thread(db, comment_id, owner_id=user.id, hold=True)
        return shaping.reply(await service.reply(db, resume, root, OWNER, data.text), OWNER)

    return await once(db, request, create, status=201)


@post(
    "/comments/{comment_id:uuid}/accept",
    status_code=200,
    summary="Take over a suggestion",
    description="Makes the edit, and keeps a version first if the resume had stood for a while. 409 "
    "`SUGGESTION_OUTDATED`, with what it says now and what it said then, if that differs. Once is enough.",
)
async def accept_suggestion(
    db: Db, cache: Contents, user: CurrentUser, comment_id: FromPath[UUID], force: Force = False
) -> Response[CommentRead]:
    comment = await decisions.accept(db, cache, comment_id, owner_id=user.id, force=force)
    return await reading.answer(db, comment, owner_id=user.id)


@post("/comments/{comment_id:uuid}/reject", status_code=200, summary="Turn a suggestion down")
async def reject_suggestion(
    db: Db, user: CurrentUser, comment_id: FromPath[UUID], data: JSONBody[Rejection | None] = None
) -> Response[CommentRead]:
    reason = data.reason if data else None
    comment = await decisions.reject(db, comment_id, owner_id=user.id, reason=reason)
    return await reading.answer(db, comment, owner_id=user.id)


@post("/comments/{comment_id:uuid}/resolve", status_code=200, summary="Resolve a thread, or open it again")
async def resolve_comment(
    db: Db, user: CurrentUser, comment_id: FromPath[UUID], data: JSONBody[Resolution | None] = None
) -> Response[CommentRead]:
    resolved = data.resolved if data else True
    root = await service.resolve(db, comment_id, owner_id=user.id, resolved=resolved)
    return await reading.answer(db, root, owner_id=user.id)


router = Router(
    "/api/v1",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[
        list_comments,
        summarise_comments,
        create_comment,
        get_comment,
        list_replies,
        update_comment,
        delete_comment,
        create_reply,
        accept_suggestion,
        reject_suggestion,
        resolve_comment,
    ],
    tags=["Comments"],
    security=[{"bearer": []}],
)
