"""Items over HTTP, one at a time, and the lists of those of one kind."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.dependencies import Contents
from api.requests import JsonRequest
from api.sections import answers, items
from api.sections.schemas import ItemCreate, ItemMove, ItemRead, ItemUpdate
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page

KINDS = {
    "experiences": "work",
    "education": "education",
    "skills": "skills",
    "projects": "projects",
    "certifications": "certificates",
}
"""The lists by kind, and the kind of their items."""


@get("/sections/{section_id:uuid}/items", summary="List a section's items, in order")
async def list_items(
    read_db: ReadDb,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ItemRead]:
    found, following = await items.of_section(
        read_db, resume_id, section_id, owner_id=user.id, cursor=cursor, limit=limit
    )
    return Page(items=[items.shape(item) for item in found], next_cursor=following)


@post(
    "/sections/{section_id:uuid}/items",
    summary="Add an item to a section",
    responses={201: ResponseSpec(ItemRead, description="The item; `Location` and `ETag` name it")},
    response_headers=answers.HEADERS,
)
async def create_item(
    request: Request[Any, Any, Any],
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    data: JSONBody[ItemCreate],
) -> Response[bytes]:
    version: int | None = None

    async def create() -> ItemRead:
        nonlocal version
        made, version = await items.create(db, cache, resume_id, section_id, owner_id=user.id, data=data)
        return items.shape(made)

    response = await once(db, request, create, status=201)
    return answers.created(response, f"/api/v1/resumes/{resume_id}/items", version)


@get("/items/{item_id:uuid}", summary="Read an item", response_headers=answers.HEADERS)
async def get_item(
    read_db: ReadDb,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    item_id: FromPath[UUID],
    if_none_match: etags.IfNoneMatch = None,
) -> Response[ItemRead | None]:
    item, version = await items.read(read_db, resume_id, item_id, owner_id=user.id)
    shown = items.shape(item)
    # How a use of a library item stands to that changes without a new version of the item.
    known = None if shown.links.library is not None else if_none_match
    return answers.part(shown, version, if_none_match=known)


@patch(
    "/items/{item_id:uuid}",
    summary="Change an item",
    description="`data` replaces the whole entry; `fields` and `remove` change single members of it and leave the others "
    "and their order.",
    response_headers=answers.HEADERS,
)
async def update_item(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[ItemUpdate],
    if_match: etags.IfMatch = None,
) -> Response[ItemRead | None]:
    item, version = await items.update(
        db, cache, resume_id, item_id, owner_id=user.id, data=data, if_match=if_match
    )
    return answers.part(items.shape(item), version)


@post(
    "/items/{item_id:uuid}/move",
    status_code=200,
    summary="Move an item, also into another section",
    response_headers=answers.HEADERS,
)
async def move_item(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[ItemMove],
    if_match: etags.IfMatch = None,
) -> Response[ItemRead | None]:
    item, version = await items.move(
        db, cache, resume_id, item_id, owner_id=user.id, data=data, if_match=if_match
    )
    return answers.part(items.shape(item), version)


@delete("/items/{item_id:uuid}", summary="Delete an item")
async def delete_item(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    item_id: FromPath[UUID],
    if_match: etags.IfMatch = None,
) -> Response[None]:
    version = await items.delete(db, cache, resume_id, item_id, owner_id=user.id, if_match=if_match)
    return answers.gone(version)


def _list_of(word: str, kind: str) -> HTTPRouteHandler:
    @get(
        f"/{word}",
        summary=f"List a resume's {word}",
        description=f"The items of all its sections of the kind `{kind}`, in order, hidden ones among them.",
    )
    async def list_of_kind(
        read_db: ReadDb,
        user: CurrentUser,
        resume_id: FromPath[UUID],
        limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
        cursor: pagination.Cursor = None,
    ) -> Page[ItemRead]:
        found, following = await items.of_kind(
            read_db, resume_id, kind, owner_id=user.id, cursor=cursor, limit=limit
        )
        return Page(items=[items.shape(item) for item in found], next_cursor=following)

    return list_of_kind


router = Router(
    "/api/v1/resumes/{resume_id:uuid}",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[
        list_items,
        create_item,
        get_item,
        update_item,
        move_item,
        delete_item,
        *(_list_of(word, kind) for word, kind in KINDS.items()),
    ],
    tags=["Sections"],
    security=[{"bearer": []}],
)
