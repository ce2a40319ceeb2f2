"""Versions over HTTP: for their owner, and for the processor that renders them."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.dependencies import Contents
from api.resumes import service as resumes
from api.versions import queries, restores, service
from api.versions.diffs.routes import get_diff
from api.versions.schemas import (
    Reason,
    VersionContent,
    VersionCreate,
    VersionRead,
    VersionRestored,
    VersionUpdate,
)
from common import etags, pagination
from common.auth import authenticated_for, client, internal
from common.contracts.versions import FrozenVersion
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page

Named = Annotated[bool | None, QueryParameter(description="Only those with a name, or only those without")]
WithReason = Annotated[Reason | None, QueryParameter(description="Only those that were made for this")]


class _Restored(msgspec.Struct):
    class Resume(msgspec.Struct):
        version: int

    resume: Resume


@post(
    "/resumes/{resume_id:uuid}/versions",
    summary="Freeze what a resume says now",
    description="Saying nothing new gives the version that says it already, with 200. If that has no name it takes the "
    "one given; if it has another one, the answer is 409 `VERSION_NAMED_ALREADY`, and `PATCH /versions/{id}` renames it.",
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
    named: Named = None,
    reason: WithReason = None,
) -> Page[VersionRead]:
    await resumes.get(read_db, resume_id, owner_id=user.id)
    rows = await queries.of_resume(
        read_db,
        resume_id,
        owner_id=user.id,
        after=pagination.after(cursor),
        limit=limit + 1,
        named=named,
        reason=reason,
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


@patch(
    "/versions/{version_id:uuid}",
    summary="Name a version, or take its name away",
    description="Versions with a name are kept for good; others are thinned out as they grow old, but those that "
    "were asked for, and those that an export or a share needs.",
)
async def rename_version(
    db: Db, user: CurrentUser, version_id: FromPath[UUID], data: JSONBody[VersionUpdate]
) -> VersionRead:
    return service.shape(await service.rename(db, version_id, owner_id=user.id, name=data.name))


@delete(
    "/versions/{version_id:uuid}",
    summary="Delete a version",
    description="409 `VERSION_NEEDED` while a shared link shows it, or an export of it can be downloaded.",
)
async def delete_version(db: Db, user: CurrentUser, version_id: FromPath[UUID]) -> None:
    await service.delete(db, version_id, owner_id=user.id)


@post(
    "/versions/{version_id:uuid}/restore",
    status_code=200,
    summary="Make a resume say again what a version says",
    description="Content and layout (order, headings, what is hidden) become those of the version; title, language, "
    "template, settings and tags stay. What the resume said until now is kept as a version first, which the answer "
    "names as `version`; what it says again is a new version, `restored` (null if it said so already). Entries that are still there keep their ids, and their comments and links with them. `If-Match` is the "
    "resume's. 423 if the resume is locked.",
    responses={200: ResponseSpec(VersionRestored, description="The resume as it is now; `ETag` is its own")},
    response_headers=[ResponseHeader(name="ETag", documentation_only=True)],
)
async def restore_version(
    request: Request[Any, Any, Any],
    db: Db,
    cache: Contents,
    user: CurrentUser,
    version_id: FromPath[UUID],
    if_match: etags.IfMatch = None,
) -> Response[bytes]:
    async def restore() -> VersionRestored:
        resume, until_now, made = await restores.restore(
            db, cache, version_id, owner_id=user.id, if_match=if_match
        )
        return VersionRestored(
            resume=resumes.shape(resume),
            version=service.shape(until_now),
            restored=None if made is None else service.shape(made),
        )

    response = await once(db, request, restore, status=200)
    restored = msgspec.json.decode(response.content, type=_Restored)
    response.headers["ETag"] = etags.of(restored.resume.version)
    return response


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
    route_handlers=[
        create_version,
        list_versions,
        get_version,
        rename_version,
        delete_version,
        restore_version,
        get_diff,
    ],
    tags=["Versions"],
    security=[{"bearer": []}],
)
internal_router = Router(
    "/internal/versions",
    middleware=[internal],
    guards=[client("processor")],
    route_handlers=[get_frozen_version],
    tags=["Internal"],
    security=[{"bearer": []}],
)
