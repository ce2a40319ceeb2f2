"""What is done with resumes as they are, over HTTP: locked, restored, duplicated; and their tags."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.dependencies import Contents
from api.responses.middleware import CACHED, HEADERS
from api.resumes import duplicates, service, tags, trash
from api.resumes.routes import ETAG, created
from api.resumes.schemas import ResumeDetail, ResumeDuplicate, ResumeLock, TagCount
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page


@put(
    "/resumes/{resume_id:uuid}/lock",
    summary="Lock a resume against changes, or unlock it",
    description="What is locked can be read, exported, shared and duplicated.",
    response_headers=ETAG,
)
async def lock_resume(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[ResumeLock],
    if_match: etags.IfMatch = None,
) -> Response[ResumeDetail]:
    resume = await service.lock(db, cache, resume_id, owner_id=user.id, locked=data.locked, if_match=if_match)
    return Response(service.detail(resume), headers={"ETag": etags.of(resume.version)})


@post(
    "/resumes/{resume_id:uuid}/restore",
    summary="Take a resume out of the trash",
    status_code=200,
    responses={200: ResponseSpec(ResumeDetail, description="The resume; `Location` and `ETag` name it")},
)
async def restore_resume(
    request: Request[Any, Any, Any], db: Db, cache: Contents, user: CurrentUser, resume_id: FromPath[UUID]
) -> Response[bytes]:
    async def restore() -> ResumeDetail:
        return service.detail(await trash.restore(db, cache, resume_id, owner_id=user.id))

    return created(await once(db, request, restore, status=200))


@post(
    "/resumes/{resume_id:uuid}/duplicate",
    summary="Copy a resume",
    description="What it says, how it looks, its tags and its links with the library; not its versions and shares.",
    responses={201: ResponseSpec(ResumeDetail, description="The copy; `Location` and `ETag` name it")},
)
async def duplicate_resume(
    request: Request[Any, Any, Any],
    db: Db,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[ResumeDuplicate | None] = None,
) -> Response[bytes]:
    async def copy() -> ResumeDetail:
        title = data.title if data else None
        return service.detail(await duplicates.duplicate(db, resume_id, owner_id=user.id, title=title))

    return created(await once(db, request, copy, status=201))


@get(
    "/tags",
    middleware=CACHED,
    response_headers=HEADERS,
    summary="List the own tags and how many resumes have each",
)
async def list_tags(
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[TagCount]:
    return await tags.counts(read_db, owner_id=user.id, cursor=cursor, limit=limit)


router = Router(
    "/api/v1",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[lock_resume, restore_resume, duplicate_resume, list_tags],
    tags=["Resumes"],
    security=[{"bearer": []}],
)
