"""Assets over HTTP. Files themselves go to the storage and come from it, never through here."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.assets import photos, queries, service
from api.assets.images import Crop
from api.assets.schemas import (
    AssetComplete,
    AssetDetail,
    AssetPresign,
    AssetPresigned,
    AssetRead,
    Usage,
)
from api.assets.types import ENDINGS, Kind
from common import pagination
from common.auth import authenticated_for, client, internal
from common.contracts.versions import StoredPhoto
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page

OfKind = Annotated[Kind | None, QueryParameter(description="Only those of this kind")]
OfResume = Annotated[UUID | None, QueryParameter(name="resumeId", description="Only those of this resume")]
_TYPES = "; ".join(f"{kind}: {', '.join(f'`{name}`' for name in ENDINGS[kind])}" for kind in ENDINGS)


@post(
    ["/assets/presign", "/resumes/presign"],
    summary="Announce a file, and be told where to upload it",
    description=f"The storage takes a file of just this size and type for 15 minutes. Then complete it. Types: {_TYPES}.",
    responses={
        201: ResponseSpec(AssetPresigned, description="Where to upload it; `Location` names the asset")
    },
)
async def presign_asset(
    request: Request[Any, Any, Any], db: Db, state: State, user: CurrentUser, data: JSONBody[AssetPresign]
) -> Response[bytes]:
    async def announce() -> AssetPresigned:
        return await service.presign(db, state.blobs, state.settings, owner_id=user.id, data=data)

    response = await once(db, request, announce, status=201)
    made = msgspec.json.decode(response.content, type=AssetPresigned)
    response.headers["Location"] = f"/api/v1/assets/{made.id}"
    return response


@post(
    "/assets/{asset_id:uuid}/complete",
    status_code=200,
    summary="Have an uploaded file looked at and taken over",
    description="A picture is cropped if asked for, turned upright, and kept in up to three sizes without metadata. "
    "A file that is not what was announced is refused and deleted. The same again gives the same.",
)
async def complete_asset(
    state: State,
    user: CurrentUser,
    asset_id: FromPath[UUID],
    data: JSONBody[AssetComplete | None] = None,
) -> AssetDetail:
    wanted = data.crop if data else None
    crop = Crop(**msgspec.structs.asdict(wanted)) if wanted else None
    asset = await state.completer.complete(asset_id, owner_id=user.id, crop=crop)
    return service.detail(state.blobs, asset)


@get("/assets", summary="List the own assets, newest first")
async def list_assets(
    read_db: ReadDb,
    state: State,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
    kind: OfKind = None,
    resume_id: OfResume = None,
) -> Page[AssetRead]:
    rows = await queries.newest(
        read_db,
        owner_id=user.id,
        after=pagination.after(cursor),
        limit=limit + 1,
        kind=kind,
        resume_id=resume_id,
    )
    found, following = pagination.cut(rows, limit)
    return Page(items=[service.shape(state.blobs, asset) for asset in found], next_cursor=following)


@get("/assets/usage", summary="Read how much room the own assets take")
async def get_usage(read_db: ReadDb, state: State, user: CurrentUser) -> Usage:
    return await service.usage(read_db, state.settings, owner_id=user.id)


@get("/assets/{asset_id:uuid}", summary="Read an asset, with the addresses of its files")
async def get_asset(
    read_db: ReadDb, state: State, user: CurrentUser, asset_id: FromPath[UUID]
) -> AssetDetail:
    return service.detail(state.blobs, await service.get(read_db, asset_id, owner_id=user.id))


@delete("/assets/{asset_id:uuid}", summary="Delete an asset and its files")
async def delete_asset(db: Db, user: CurrentUser, asset_id: FromPath[UUID]) -> None:
    await service.delete(db, asset_id, owner_id=user.id)


Owner = Annotated[UUID, QueryParameter(name="ownerId", description="Whose it is")]


@get("/{asset_id:uuid}/photo", summary="Read where the picture of an asset lies, as photos take it")
async def get_photo(read_db: ReadDb, asset_id: FromPath[UUID], owner_id: Owner) -> StoredPhoto:
    return await photos.get(read_db, asset_id, owner_id=owner_id)


router = Router(
    "/api/v1",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[presign_asset, complete_asset, list_assets, get_usage, get_asset, delete_asset],
    tags=["Assets"],
    security=[{"bearer": []}],
)
internal_router = Router(
    "/internal/assets",
    middleware=[internal],
    guards=[client("processor")],
    route_handlers=[get_photo],
    tags=["Internal"],
    security=[{"bearer": []}],
)
