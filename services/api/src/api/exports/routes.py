"""Exports over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.exports import formats, queries, service
from api.exports.formats import ExportFormat
from api.exports.schemas import ExportAccepted, ExportCreate, ExportDownload, ExportRead
from common import pagination
from common.auth import authenticated_for
from common.contracts.jobs import JobState
from common.db import Database
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import count_by_user, limited
from common.schemas import JSONBody, Page

OfResume = Annotated[UUID | None, QueryParameter(name="resumeId", description="Only those of this resume")]
InState = Annotated[JobState | None, QueryParameter(description="Only those whose job is in this state")]


OfFormat = Annotated[ExportFormat | None, QueryParameter(description="Only those in this format")]


class _Created(msgspec.Struct, rename="camel"):
    export_id: UUID


@post(
    "/",
    status_code=202,
    summary="Export a resume or a version of it",
    description=f"{formats.DESCRIPTION} The work goes on after the answer: follow the job, then read the export.\n\n"
    "In an hour a user may ask for 30 PDFs, 30 Word documents and 120 of all others; "
    f"{service.MOST_UNFINISHED} may be unfinished, those for later included: 409 `TOO_MANY_EXPORTS`.",
    responses={202: ResponseSpec(ExportAccepted, description="It was accepted; `Location` names the export")},
)
async def create_export(
    request: Request[Any, Any, Any], state: State, user: CurrentUser, data: JSONBody[ExportCreate]
) -> Response[bytes]:
    name, limit = formats.limit_of(data.format)
    await count_by_user(request.scope, "EXPORT", name, limit)
    database: Database = state.database
    async with database.write() as db:  # by hand: the broker has counted before it begins
        response = await once(
            db, request, lambda: service.create(db, owner_id=user.id, data=data), status=202
        )
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers["Location"] = f"/api/v1/exports/{made.export_id}"
    return response


@get("/", summary="List the own exports, newest first")
async def list_exports(
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
    resume_id: OfResume = None,
    status: InState = None,
    format: OfFormat = None,
) -> Page[ExportRead]:
    rows = await queries.newest(
        read_db,
        owner_id=user.id,
        after=pagination.after(cursor),
        limit=limit + 1,
        resume_id=resume_id,
        status=status,
        format=format,
    )
    jobs = {export.id: job for export, job in rows}
    found, following = pagination.cut([export for export, _ in rows], limit)
    return Page(items=[service.shape(export, jobs[export.id]) for export in found], next_cursor=following)


@get("/{export_id:uuid}", summary="Read an export, with the address of its file")
async def get_export(
    read_db: ReadDb, state: State, user: CurrentUser, export_id: FromPath[UUID]
) -> ExportDownload:
    return await service.get(read_db, state.blobs, export_id, owner_id=user.id)


@delete(
    "/{export_id:uuid}",
    summary="Delete an export and its file",
    description="409 `EXPORT_UNFINISHED` while its job has not ended: cancel that first. One that was scheduled too.",
)
async def delete_export(db: Db, user: CurrentUser, export_id: FromPath[UUID]) -> None:
    await service.delete(db, export_id, owner_id=user.id)


router = Router(
    "/api/v1/exports",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[create_export, list_exports, get_export, delete_export],
    tags=["Exports"],
    security=[{"bearer": []}],
)
