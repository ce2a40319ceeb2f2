"""The library in a resume, over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.contents import codec
from api.dependencies import Contents
from api.library import service, uses
from api.library.uses_schemas import Link, Publish, Published, Use
from api.requests import JsonRequest
from api.sections import answers, items
from api.sections.schemas import ItemRead
from common import etags
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody


@post(
    "/sections/{section_id:uuid}/library-items",
    summary="Use a library item in a resume",
    description="`fields` are worded differently here. It comes last, or where `beforeId` or `afterId` says.",
    responses={201: ResponseSpec(ItemRead, description="The new item; `Location` and `ETag` name it")},
    response_headers=answers.HEADERS,
)
async def use_library_item(
    request: Request[Any, Any, Any],
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    data: JSONBody[Use],
) -> Response[bytes]:
    version: int | None = None

    async def add() -> ItemRead:
        nonlocal version
        made, version = await uses.add(db, cache, resume_id, section_id, owner_id=user.id, data=data)
        return items.shape(made)

    response = await once(db, request, add, status=201)
    return answers.created(response, f"/api/v1/resumes/{resume_id}/items", version)


@put(
    "/items/{item_id:uuid}/library",
    summary="Link an item to the library",
    description="It keeps what it says. What differs from the library item is its own wording.",
    response_headers=answers.HEADERS,
)
async def link_item(
    db: Db, user: CurrentUser, resume_id: FromPath[UUID], item_id: FromPath[UUID], data: JSONBody[Link]
) -> Response[ItemRead | None]:
    item, version = await uses.link(
        db, resume_id, item_id, owner_id=user.id, library_item_id=data.library_item_id
    )
    return answers.part(items.shape(item), version)


@delete("/items/{item_id:uuid}/library", summary="Unlink an item from the library")
async def unlink_item(db: Db, user: CurrentUser, resume_id: FromPath[UUID], item_id: FromPath[UUID]) -> None:
    await uses.unlink(db, resume_id, item_id, owner_id=user.id)


@post(
    "/items/{item_id:uuid}/library/publish",
    status_code=200,
    summary="Give an item's own wording to the library",
    description="Other uses keep what they say until it is propagated to them. Fields that this one does not word "
    "itself take what the library said meanwhile. `If-Match` is about the library item.",
    responses={200: ResponseSpec(Published, description="The library item and this use")},
)
async def publish_item(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[Publish | None] = None,
    if_match: etags.IfMatch = None,
) -> Response[bytes]:
    found, item = await uses.publish(
        db,
        cache,
        resume_id,
        item_id,
        owner_id=user.id,
        fields=None if data is None else data.fields,
        if_match=if_match,
    )
    published = Published(library_item=await service.shape(db, found), item=items.shape(item))
    return Response(codec.encode(published), media_type="application/json")


router = Router(
    "/api/v1/resumes/{resume_id:uuid}",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[use_library_item, link_item, unlink_item, publish_item],
    tags=["Library"],
    security=[{"bearer": []}],
)
