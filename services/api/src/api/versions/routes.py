"""Versions over HTTP: for their owner, and for the processor that renders them."""

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.resumes import service as resumes
from api.versions import queries, service
from api.versions.schemas import VersionContent, VersionCreate, VersionRead
from common import pagination
from common.auth import authenticated_for, internal
from common.contracts.versions import FrozenVersion
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import JSONBody, Page


@post(
    "/resumes/{resume_id:uuid}/versions",
    summary="Freeze what a resume says now",
    description="Saying nothing new gives the version that says it already, with 200.",
    responses={200: ResponseSpec(VersionRead, description="It was frozen before")},
)
async def create_version(
    db: Db, user: CurrentUser, resume_id: FromPath[UUID], data: JSONBody[VersionCreate | None] = None
) -> Response[VersionRead]:
    resume = await resumes.hold(db, resume_id, owner_id=user.id)
    version, is_new = await service.freeze(db, resume, reason="manual", name=data.name if data else None)
    return Response(
        service.shape(version),
        status_code=201 if is_new else 200,
        headers={"Location": f"/api/v1/versions/{version.id}"},
    )


@get("/resumes/{resume_id:uuid}/versions", summary="List a resume's versions, newest first")
async def list_versions(
    read_db: ReadDb,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[VersionRead]:
    await resumes.get(read_db, resume_id, owner_id=user.id)
    rows = await queries.of_resume(
        read_db, resume_id, owner_id=user.id, after=pagination.after(cursor), limit=limit + 1
    )
    found, following = pagination.cut(rows, limit)
    return Page(items=[service.shape(version) for version in found], next_cursor=following)


@get(
    "/versions/{version_id:uuid}",
    summary="Read a version",
    responses={200: ResponseSpec(VersionContent, description="The version with its content")},
)
async def get_version(read_db: ReadDb, user: CurrentUser, version_id: FromPath[UUID]) -> Response[bytes]:
    return _json(await service.read(read_db, version_id, owner_id=user.id))


@get(
    "/{version_id:uuid}",
    summary="Read any version, to render it",
    responses={200: ResponseSpec(FrozenVersion, description="The version")},
)
async def get_frozen_version(read_db: ReadDb, version_id: FromPath[UUID]) -> Response[bytes]:
    return _json(await service.frozen(read_db, version_id))


def _json(content: bytes) -> Response[bytes]:
    return Response(content, media_type="application/json")


router = Router(
    "/api/v1",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[create_version, list_versions, get_version],
    tags=["Versions"],
    security=[{"bearer": []}],
)
internal_router = Router(
    "/internal/versions",
    middleware=[internal],
    route_handlers=[get_frozen_version],
    tags=["Internal"],
    security=[{"bearer": []}],
)
