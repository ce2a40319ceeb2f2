"""Resumes over HTTP."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.contents import service as contents
from api.dependencies import Contents
from api.requests import JsonRequest
from api.resumes import queries, service
from api.resumes.models import Resume
from api.resumes.schemas import ResumeCreate, ResumeRead, ResumeUpdate
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page


class _Created(msgspec.Struct):
    id: UUID
    version: int


@post(
    "/",
    summary="Create a resume",
    responses={201: ResponseSpec(ResumeRead, description="The resume; `Location` and `ETag` name it")},
)
async def create_resume(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, data: JSONBody[ResumeCreate]
) -> Response[bytes]:
    async def create() -> ResumeRead:
        resume = await service.create(
            db, owner_id=user.id, title=data.title, language=data.language, template=data.template
        )
        if data.content is not None:
            await contents.fill(db, resume, data.content)
        return service.shape(resume)

    response = await once(db, request, create, status=201)
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers |= {"Location": f"/api/v1/resumes/{made.id}", "ETag": etags.of(made.version)}
    return response


@get("/", summary="List the own resumes, newest first")
async def list_resumes(
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ResumeRead]:
    rows = await queries.newest(read_db, owner_id=user.id, after=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return Page(items=[service.shape(resume) for resume in found], next_cursor=following)


@get(
    "/{resume_id:uuid}",
    summary="Read a resume",
    response_headers=[ResponseHeader(name="ETag", documentation_only=True)],
)
async def get_resume(
    read_db: ReadDb, user: CurrentUser, resume_id: FromPath[UUID], if_none_match: etags.IfNoneMatch = None
) -> Response[ResumeRead | None]:
    resume = await service.get(read_db, resume_id, owner_id=user.id)
    if etags.is_current(if_none_match, resume.version):
        return Response(None, status_code=304, headers={"ETag": etags.of(resume.version)})
    return _with_etag(resume)


@patch("/{resume_id:uuid}", summary="Change a resume's title, language, template or settings")
async def update_resume(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[ResumeUpdate],
    if_match: etags.IfMatch = None,
) -> Response[ResumeRead | None]:
    resume = await service.update(db, cache, resume_id, owner_id=user.id, data=data, if_match=if_match)
    return _with_etag(resume)


@delete("/{resume_id:uuid}", summary="Move a resume to the trash")
async def delete_resume(
    db: Db, cache: Contents, user: CurrentUser, resume_id: FromPath[UUID], if_match: etags.IfMatch = None
) -> None:
    await service.trash(db, cache, resume_id, owner_id=user.id, if_match=if_match)


def _with_etag(resume: Resume) -> Response[ResumeRead | None]:
    return Response(service.shape(resume), headers={"ETag": etags.of(resume.version)})


router = Router(
    "/api/v1/resumes",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[create_resume, list_resumes, get_resume, update_resume, delete_resume],
    tags=["Resumes"],
    security=[{"bearer": []}],
)
