"""The library over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.contents import codec
from api.dependencies import Contents
from api.library import links, propagation, queries, service, uses
from api.library.models import LibraryItem
from api.library.schemas import (
    KIND,
    Keep,
    LibraryItemCreate,
    LibraryItemRead,
    LibraryItemUpdate,
    Outcomes,
    Propagate,
    UseRead,
)
from api.requests import JsonRequest
from api.responses.middleware import CACHED, HEADERS
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page

_ETAG = [ResponseHeader(name="ETag", description='The version: `"v3"`', documentation_only=True)]
_READ = ResponseSpec(LibraryItemRead, description="The library item")
OfKind = Annotated[str | None, QueryParameter(pattern=KIND, description="Only items of this kind: `work`, …")]
Words = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=200, description="Only what has this in its name or its words"),
]


class _Created(msgspec.Struct):
    id: UUID
    version: int


@post(
    "/",
    summary="Put a fact into the library",
    description="A new one (`kind`, `data`), or one that a resume has (`resumeId`, `fromItemId`), which is linked to it.",
    responses={201: ResponseSpec(LibraryItemRead, description="`Location` and `ETag` name it")},
)
async def create_library_item(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, data: JSONBody[LibraryItemCreate]
) -> Response[bytes]:
    async def create() -> msgspec.Raw:
        made = await uses.create(db, owner_id=user.id, data=data)
        return msgspec.Raw(codec.encode(await service.shape(db, made)))

    response = await once(db, request, create, status=201)
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers |= {"Location": f"/api/v1/library/items/{made.id}", "ETag": etags.of(made.version)}
    return response


@get(
    "/",
    middleware=CACHED,
    response_headers=HEADERS,
    summary="List the own library, newest first",
    responses={200: ResponseSpec(Page[LibraryItemRead], description="A page of it")},
)
async def list_library_items(
    read_db: ReadDb,
    user: CurrentUser,
    kind: OfKind = None,
    q: Words = None,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Response[bytes]:
    rows = await queries.newest(
        read_db,
        owner_id=user.id,
        kind=kind,
        words=None if q is None else service.folded(q),
        after=pagination.after(cursor),
        limit=limit + 1,
    )
    found, following = pagination.cut(rows, limit)
    counts = await queries.counts(read_db, [row.id for row in found], owner_id=user.id)
    return _json(Page(items=[service.shaped(row, counts) for row in found], next_cursor=following))


@get("/{library_item_id:uuid}", summary="Read a library item", responses={200: _READ}, response_headers=_ETAG)
async def get_library_item(
    read_db: ReadDb,
    user: CurrentUser,
    library_item_id: FromPath[UUID],
    if_none_match: etags.IfNoneMatch = None,
) -> Response[bytes]:
    found = await service.get(read_db, library_item_id, owner_id=user.id)
    if etags.is_current(if_none_match, found.version):
        return Response(b"", status_code=304, headers={"ETag": etags.of(found.version)})
    return await _with_etag(read_db, found)


@patch(
    "/{library_item_id:uuid}",
    summary="Change a library item",
    description="Resumes keep what they say; propagate the change to those that are to follow it.",
    responses={200: _READ},
    response_headers=_ETAG,
)
async def update_library_item(
    db: Db,
    user: CurrentUser,
    library_item_id: FromPath[UUID],
    data: JSONBody[LibraryItemUpdate],
    if_match: etags.IfMatch = None,
) -> Response[bytes]:
    found = await service.update(db, library_item_id, owner_id=user.id, data=data, if_match=if_match)
    return await _with_etag(db, found)


@delete("/{library_item_id:uuid}", summary="Take a library item out; resumes keep what they say")
async def delete_library_item(
    db: Db, user: CurrentUser, library_item_id: FromPath[UUID], if_match: etags.IfMatch = None
) -> None:
    await service.delete(db, library_item_id, owner_id=user.id, if_match=if_match)


@get(
    "/{library_item_id:uuid}/uses",
    summary="List the uses of a library item, newest first",
    description="Where resumes say it, in which fields they say it differently, and what changed since they agreed.",
    responses={200: ResponseSpec(Page[UseRead], description="A page of them")},
)
async def list_uses(
    read_db: ReadDb,
    user: CurrentUser,
    library_item_id: FromPath[UUID],
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Response[bytes]:
    found = await service.get(read_db, library_item_id, owner_id=user.id)
    rows = await queries.uses(
        read_db, found.id, owner_id=user.id, after=pagination.after(cursor), limit=limit + 1
    )
    shapes = [links.use(row, found) for row in rows]
    page, following = pagination.cut(shapes, limit)
    return _json(Page(items=list(page), next_cursor=following))


@post(
    "/{library_item_id:uuid}/propagate",
    status_code=200,
    summary="Bring uses up to date",
    description="Fields that a use words in its own way are kept, unless `overrides` is `replace`.",
)
async def propagate(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    library_item_id: FromPath[UUID],
    data: JSONBody[Propagate | None] = None,
    if_match: etags.IfMatch = None,
) -> Outcomes:
    return await propagation.propagate(
        db, cache, library_item_id, owner_id=user.id, data=data or Propagate(), if_match=if_match
    )


@post(
    "/{library_item_id:uuid}/keep",
    status_code=200,
    summary="Leave uses as they are",
    description="They count as up to date; where they differ from the library, that is their own wording.",
)
async def keep(
    db: Db, user: CurrentUser, library_item_id: FromPath[UUID], data: JSONBody[Keep | None] = None
) -> Outcomes:
    ids = None if data is None else data.item_ids
    return await propagation.keep(db, library_item_id, owner_id=user.id, item_ids=ids)


async def _with_etag(db: ReadDb, found: LibraryItem) -> Response[bytes]:
    return _json(await service.shape(db, found), {"ETag": etags.of(found.version)})


def _json(value: object, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(codec.encode(value), media_type="application/json", headers=headers)


router = Router(
    "/api/v1/library/items",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[
        create_library_item,
        list_library_items,
        get_library_item,
        update_library_item,
        delete_library_item,
        list_uses,
        propagate,
        keep,
    ],
    tags=["Library"],
    security=[{"bearer": []}],
)
