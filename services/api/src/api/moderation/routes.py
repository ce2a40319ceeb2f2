"""Resumes for staff, through the admin service."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, patch
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.dependencies import Contents
from api.moderation import queries, service
from common import pagination
from common.auth import client, internal
from common.contracts.resumes import ResumeContent, ResumePage, ResumeTakedown
from common.dependencies import Db, ReadDb
from common.schemas import JSONBody

OwnerId = Annotated[UUID | None, QueryParameter(name="ownerId", description="Only this user's")]
Title = Annotated[
    str | None, QueryParameter(name="q", max_length=200, description="What the title has in it")
]
TakenDown = Annotated[
    bool | None, QueryParameter(name="isTakenDown", description="Only those, or all others")
]


@get("/", summary="List resumes of all users, newest first")
async def list_any_resumes(
    read_db: ReadDb,
    owner_id: OwnerId = None,
    title: Title = None,
    is_taken_down: TakenDown = None,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> ResumePage:
    rows = await queries.newest(
        read_db,
        owner_id=owner_id,
        title=title,
        is_taken_down=is_taken_down,
        after=pagination.after(cursor),
        limit=limit + 1,
    )
    links = {resume.id: count for resume, count in rows}
    found, following = pagination.cut([resume for resume, _ in rows], limit)
    return ResumePage(
        items=[service.shape(resume, links[resume.id]) for resume in found], next_cursor=following
    )


@get(
    "/{resume_id:uuid}",
    summary="Read any resume, as visitors see it",
    responses={200: ResponseSpec(ResumeContent, description="The resume")},
)
async def get_any_resume(read_db: ReadDb, resume_id: FromPath[UUID]) -> Response[bytes]:
    return Response(await service.read(read_db, resume_id), media_type="application/json")


@patch("/{resume_id:uuid}", status_code=204, summary="Take a resume down, or put it back")
async def take_down_resume(
    db: Db, cache: Contents, resume_id: FromPath[UUID], data: JSONBody[ResumeTakedown]
) -> None:
    await service.change(db, cache, resume_id, data=data)


router = Router(
    "/internal/resumes",
    middleware=[internal],
    guards=[client("admin")],
    route_handlers=[list_any_resumes, get_any_resume, take_down_resume],
    tags=["Internal"],
    security=[{"bearer": []}],
)
