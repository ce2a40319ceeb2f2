"""Language variants over HTTP."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.datastructures import ResponseHeader, State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.dependencies import Contents
from api.families import pulling, service
from api.families.schemas import Confirm, FamilyRead, Pull, VariantCreate
from api.resumes import service as resumes
from api.resumes.schemas import ResumeRead
from common import etags
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db
from common.idempotency import once
from common.limits import limited
from common.schemas import JSONBody


class _Created(msgspec.Struct):
    id: UUID
    version: int


@post(
    "/variants",
    summary="Copy a resume to translate it",
    description="The first copy makes a family of the two; this resume is its primary, which the others follow.",
    responses={201: ResponseSpec(ResumeRead, description="The copy; `Location` and `ETag` name it")},
)
async def create_variant(
    request: Request[Any, Any, Any],
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[VariantCreate],
) -> Response[bytes]:
    async def create() -> ResumeRead:
        return resumes.shape(await service.create(db, cache, resume_id, owner_id=user.id, data=data))

    response = await once(db, request, create, status=201)
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers |= {"Location": f"/api/v1/resumes/{made.id}", "ETag": etags.of(made.version)}
    return response


@get(
    "/family",
    summary="Compare a resume with its language variants",
    description="Its parts in the order of the primary resume, and what of them each variant lacks or has to follow.",
    responses={200: ResponseSpec(FamilyRead, description="The family")},
)
async def get_family(state: State, user: CurrentUser, resume_id: FromPath[UUID]) -> Response[bytes]:
    family = await service.read(state.database, resume_id, owner_id=user.id)
    return Response(family, media_type="application/json")


@post(
    "/family/confirm",
    status_code=204,
    summary="Note that a variant says what the primary says",
    description="Of the items named, or of all that both have. Editing an item notes it by itself.",
)
async def confirm_variant(
    db: Db, user: CurrentUser, resume_id: FromPath[UUID], data: JSONBody[Confirm | None] = None
) -> None:
    await service.confirm(db, resume_id, owner_id=user.id, data=data or Confirm())


@post(
    "/family/pull",
    status_code=200,
    summary="Bring over what a variant lacks",
    description="Missing parts come as they are in the primary, to be translated; what is there is not reworded.",
    response_headers=[ResponseHeader(name="ETag", documentation_only=True)],
)
async def pull_into_variant(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: JSONBody[Pull | None] = None,
    if_match: etags.IfMatch = None,
) -> Response[ResumeRead]:
    resume = await pulling.pull(
        db, cache, resume_id, owner_id=user.id, data=data or Pull(), if_match=if_match
    )
    return Response(resumes.shape(resume), headers={"ETag": etags.of(resume.version)})


@put("/family/primary", status_code=204, summary="Make a variant the one that the others follow")
async def make_primary(db: Db, user: CurrentUser, resume_id: FromPath[UUID]) -> None:
    await service.make_primary(db, resume_id, owner_id=user.id)


@delete("/family", summary="Take a resume out of its family")
async def leave_family(db: Db, cache: Contents, user: CurrentUser, resume_id: FromPath[UUID]) -> None:
    await service.leave(db, cache, resume_id, owner_id=user.id)


router = Router(
    "/api/v1/resumes/{resume_id:uuid}",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[
        create_variant,
        get_family,
        confirm_variant,
        pull_into_variant,
        make_primary,
        leave_family,
    ],
    tags=["Language variants"],
    security=[{"bearer": []}],
)
