"""Imports over HTTP."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, post
from litestar.openapi.datastructures import ResponseSpec

from api.imports import service
from api.imports.schemas import ImportCreate, ImportRead
from api.requests import JsonRequest
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody


class _CreatedResume(msgspec.Struct):
    id: UUID


class _Created(msgspec.Struct):
    resume: _CreatedResume


@post(
    "/",
    summary="Make a resume from a document of another program",
    description="Formats: `json-resume`. Nothing is lost: what is not as the format says is named and kept.",
    responses={201: ResponseSpec(ImportRead, description="The resume; `Location` names it")},
)
async def create_import(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, data: JSONBody[ImportCreate]
) -> Response[bytes]:
    response = await once(db, request, lambda: service.create(db, owner_id=user.id, data=data), status=201)
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers["Location"] = f"/api/v1/resumes/{made.resume.id}"
    return response


router = Router(
    "/api/v1/imports",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[create_import],
    tags=["Resumes"],
    security=[{"bearer": []}],
)
