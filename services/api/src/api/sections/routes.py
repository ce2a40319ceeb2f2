"""Sections over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.dependencies import Contents
from api.requests import JsonRequest
from api.sections import answers, service
from api.sections.schemas import SectionCreate, SectionMove, SectionRead, SectionUpdate
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody, Page


@get(
    "/",
    summary="List a resume's sections, in order",
    description="A resume has at most 100, so that the first page holds all unless you ask for fewer.",
)
async def list_sections(
    read_db: ReadDb,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    limit: pagination.PageSize = 100,
    cursor: pagination.Cursor = None,
) -> Page[SectionRead]:
    found, following = await service.page(read_db, resume_id, owner_id=user.id, cursor=cursor, limit=limit)
    return Page(items=[service.shape(section) for section in found], next_cursor=following)


@post(
    "/",
    summary="Add a section",
    description="It is a new, empty list of the document, under its name.",
    responses={201: ResponseSpec(SectionRead, description="The section; `Location` and `ETag` name it")},
    response_headers=answers.HEADERS,
)
async def create_section(
    request: Request[Any, Any, Any],
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[SectionCreate],
) -> Response[bytes]:
    version: int | None = None

    async def create() -> SectionRead:
        nonlocal version
        made, version = await service.create(db, cache, resume_id, owner_id=user.id, data=data)
        return service.shape(made)

    response = await once(db, request, create, status=201)
    return answers.created(response, f"/api/v1/resumes/{resume_id}/sections", version)


@get("/{section_id:uuid}", summary="Read a section", response_headers=answers.HEADERS)
async def get_section(
    read_db: ReadDb,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    if_none_match: etags.IfNoneMatch = None,
) -> Response[SectionRead | None]:
    section, version = await service.read(read_db, resume_id, section_id, owner_id=user.id)
    return answers.part(service.shape(section), version, if_none_match=if_none_match)


@patch(
    "/{section_id:uuid}",
    summary="Change how a section is headed and set",
    description="The document says the same afterwards: titles, columns and what is hidden are no part of it.",
    response_headers=answers.HEADERS,
)
async def update_section(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    data: JSONBody[SectionUpdate],
    if_match: etags.IfMatch = None,
) -> Response[SectionRead | None]:
    section, version = await service.update(
        db, cache, resume_id, section_id, owner_id=user.id, data=data, if_match=if_match
    )
    return answers.part(service.shape(section), version)


@post(
    "/{section_id:uuid}/move",
    status_code=200,
    summary="Move a section",
    description="The members of the document that are sections follow their order; other members stay where they are.",
    response_headers=answers.HEADERS,
)
async def move_section(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    data: JSONBody[SectionMove],
    if_match: etags.IfMatch = None,
) -> Response[SectionRead | None]:
    section, version = await service.move(
        db, cache, resume_id, section_id, owner_id=user.id, data=data, if_match=if_match
    )
    return answers.part(service.shape(section), version)


@delete("/{section_id:uuid}", summary="Delete a section with its items")
async def delete_section(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    section_id: FromPath[UUID],
    if_match: etags.IfMatch = None,
) -> Response[None]:
    version = await service.delete(db, cache, resume_id, section_id, owner_id=user.id, if_match=if_match)
    return answers.gone(version)


router = Router(
    "/api/v1/resumes/{resume_id:uuid}/sections",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[
        list_sections,
        create_section,
        get_section,
        update_section,
        move_section,
        delete_section,
    ],
    tags=["Sections"],
    security=[{"bearer": []}],
)
