"""Resumes over HTTP: made, listed, read, changed and deleted."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from msgspec import UNSET

from api.contents import service as contents
from api.dependencies import Contents
from api.requests import JsonRequest
from api.responses.middleware import CACHED, HEADERS
from api.resumes import letters, lists, service, trash, updates
from api.resumes.lists import Filters, Sort
from api.resumes.models import Resume
from api.resumes.schemas import (
    MOST_TAGS,
    Kind,
    ResumeCreate,
    ResumeDetail,
    ResumeFound,
    ResumeUpdate,
)
from common import etags, pagination
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db, ReadDb
from common.idempotency import once
from common.limits import limited
from common.problems import FieldError, ValidationFailed
from common.schemas import JSONBody, Page

ETAG = [ResponseHeader(name="ETag", description='The version: `"v3"`', documentation_only=True)]


class _Created(msgspec.Struct):
    id: UUID
    version: int


def created(response: Response[bytes]) -> Response[bytes]:
    """The response with the address and the tag of the resume that is in it."""
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers |= {"Location": f"/api/v1/resumes/{made.id}", "ETag": etags.of(made.version)}
    return response


@post(
    "/",
    summary="Create a resume or a cover letter",
    description="Without a `content` a resume is empty, and a letter has all its members with nothing in them.",
    responses={201: ResponseSpec(ResumeDetail, description="The resume; `Location` and `ETag` name it")},
)
async def create_resume(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, data: JSONBody[ResumeCreate]
) -> Response[bytes]:
    async def create() -> ResumeDetail:
        document = _document(data)
        resume = await service.create(
            db,
            owner_id=user.id,
            title=data.title,
            language=data.language,
            template=data.template,
            kind=data.kind,
            direction=data.direction,
            settings=data.settings,
            page_size=data.page_size,
            tagged=data.tags,
        )
        if document:
            await contents.fill(db, resume, document)
        return service.detail(resume)

    return created(await once(db, request, create, status=201))


def _document(data: ResumeCreate) -> dict[str, Any]:
    """What the new resume is to say. Raises ValidationFailed if its basics are given twice."""
    document = data.content
    if document is None:
        document = letters.empty() if data.kind == "cover-letter" else {}
    if data.basics is UNSET:
        return document
    if data.content is not None and "basics" in data.content:
        message = "The content has its own."
        raise ValidationFailed(message, errors=[FieldError("$.basics", message)])
    others = {name: value for name, value in document.items() if name != "basics"}
    return others if data.basics is None else {"basics": data.basics} | others


@get(
    "/",
    middleware=CACHED,
    response_headers=HEADERS,
    summary="List the own resumes",
    description="What was changed last comes first, or after a search what has most of its words in the title. A search "
    'finds resumes that have all words of `q`, anywhere: `"words in quotes"` one after the other, the last word also as '
    "the beginning of one.",
)
async def list_resumes(
    read_db: ReadDb,
    user: CurrentUser,
    kind: Annotated[Kind | None, QueryParameter(description="Of this kind")] = None,
    tag: Annotated[
        list[str] | None,
        QueryParameter(max_items=MOST_TAGS, description="With all of these tags, in any case"),
    ] = None,
    language: Annotated[
        str | None,
        QueryParameter(
            max_length=35,
            pattern=r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$",
            description="In this language: `en` finds `en-GB` too",
        ),
    ] = None,
    q: Annotated[str | None, QueryParameter(max_length=200, description="Words to be found")] = None,
    trash: Annotated[bool, QueryParameter(description="Those in the trash, and no others")] = False,
    sort: Annotated[Sort | None, QueryParameter(description="The order; `-`: from the end")] = None,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ResumeFound]:
    filters = Filters(kind=kind, tags=tuple(tag or ()), language=language, trash=trash, q=q or "", sort=sort)
    return await lists.find(read_db, filters, owner_id=user.id, cursor=cursor, limit=limit)


@get("/{resume_id:uuid}", summary="Read a resume", response_headers=ETAG)
async def get_resume(
    read_db: ReadDb, user: CurrentUser, resume_id: FromPath[UUID], if_none_match: etags.IfNoneMatch = None
) -> Response[ResumeDetail | None]:
    resume = await service.get(read_db, resume_id, owner_id=user.id)
    if etags.is_current(if_none_match, resume.version):
        return Response(None, status_code=304, headers={"ETag": etags.of(resume.version)})
    return _with_etag(resume)


@patch(
    "/{resume_id:uuid}",
    summary="Change what a resume is called, looks like and has as basics",
    response_headers=ETAG,
)
async def update_resume(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[ResumeUpdate],
    if_match: etags.IfMatch = None,
) -> Response[ResumeDetail | None]:
    resume = await updates.update(db, cache, resume_id, owner_id=user.id, data=data, if_match=if_match)
    return _with_etag(resume)


@delete(
    "/{resume_id:uuid}",
    summary="Move a resume to the trash, or delete it for good",
    description="What is in the trash goes by itself after 30 days, and with `permanently` at once.",
)
async def delete_resume(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    permanently: Annotated[bool, QueryParameter(description="For good; only from the trash")] = False,
    if_match: etags.IfMatch = None,
) -> None:
    if permanently:
        await trash.remove(db, resume_id, owner_id=user.id, if_match=if_match)
    else:
        await trash.put(db, cache, resume_id, owner_id=user.id, if_match=if_match)


def _with_etag(resume: Resume) -> Response[ResumeDetail | None]:
    return Response(service.detail(resume), headers={"ETag": etags.of(resume.version)})


router = Router(
    "/api/v1/resumes",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[create_resume, list_resumes, get_resume, update_resume, delete_resume],
    tags=["Resumes"],
    security=[{"bearer": []}],
)
