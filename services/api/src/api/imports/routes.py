"""Imports over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from api.imports import formats, service
from api.imports.bodies import MOST_FORM, ImportOperation, ImportRequest, meaning, receive
from api.imports.schemas import ImportPreview, ImportRead
from common.auth import authenticated_for
from common.db import Database
from common.dependencies import CurrentUser
from common.idempotency import once
from common.limits import limited

DryRun = Annotated[
    bool, QueryParameter(name="dryRun", description="Show what would be made, and make nothing")
]


class _CreatedResume(msgspec.Struct):
    id: UUID


class _Created(msgspec.Struct):
    resume: _CreatedResume


@post(
    "/",
    summary="Make a resume from a document of another program",
    description=f"Formats: {', '.join(f'`{name}`' for name in formats.NAMES)}. As JSON, or as a form with the file. "
    "Nothing is lost silently: each value of the document is in the resume, or named in `warnings`.",
    operation_class=ImportOperation,
    request_max_body_size=MOST_FORM,
    responses={
        200: ResponseSpec(ImportPreview, description="With `dryRun=true`: what would be made"),
        201: ResponseSpec(ImportRead, description="The resume; `Location` names it"),
    },
)
async def create_import(
    request: ImportRequest, state: State, user: CurrentUser, dry_run: DryRun = False
) -> Response[bytes]:
    data, source = await receive(request)
    imported = await service.read(source, format=data.format)
    if dry_run:
        preview: Any = service.preview(data, imported)
        return Response(msgspec.json.encode(preview), status_code=200, media_type="application/json")
    # The transaction begins here and not with the request: reading the document may take a while.
    database: Database = state.database
    async with database.write() as db:
        response = await once(
            db,
            request,
            lambda: service.create(db, owner_id=user.id, data=data, imported=imported),
            status=201,
            body=meaning(data, source) if request.is_form else None,
        )
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers["Location"] = f"/api/v1/resumes/{made.resume.id}"
    return response


router = Router(
    "/api/v1/imports",
    middleware=[authenticated_for("resumes"), limited],
    request_class=ImportRequest,
    route_handlers=[create_import],
    tags=["Resumes"],
    security=[{"bearer": []}],
)
