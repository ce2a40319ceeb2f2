"""Links over HTTP, for the owner of the resume."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import ResponseHeader, State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from api.resumes import service as resumes
from api.shares import queries, service
from api.shares.passwords import PasswordHashing
from api.shares.schemas import ShareCreate, ShareRead, ShareUpdate
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
    "/resumes/{resume_id:uuid}/shares",
    summary="Make a link that shows a resume to others",
    description="A `slug` of somebody else is 409 `SLUG_TAKEN`; one of a link that you revoked becomes this one's.",
    responses={201: ResponseSpec(ShareRead, description="The link; `Location` and `ETag` name it")},
)
async def create_share(
    request: Request[Any, Any, Any],
    db: Db,
    state: State,
    user: CurrentUser,
    passwords: PasswordHashing,
    resume_id: FromPath[UUID],
    data: JSONBody[ShareCreate],
) -> Response[bytes]:
    password_hash = await passwords.hash(data.password) if data.password else None

    async def create() -> ShareRead:
        share = await service.create(db, resume_id, owner_id=user.id, data=data, password_hash=password_hash)
        return service.shape(share, state.settings.issuer)

    response = await once(db, request, create, status=201)
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers |= {"Location": f"/api/v1/shares/{made.id}", "ETag": etags.of(made.version)}
    return response


@get("/resumes/{resume_id:uuid}/shares", summary="List the links of a resume, newest first")
async def list_shares(
    read_db: ReadDb,
    state: State,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ShareRead]:
    await resumes.get(read_db, resume_id, owner_id=user.id)
    rows = await queries.of_resume(
        read_db, resume_id, owner_id=user.id, after=pagination.after(cursor), limit=limit + 1
    )
    found, following = pagination.cut(rows, limit)
    return Page(items=[service.shape(share, state.settings.issuer) for share in found], next_cursor=following)


@get(
    "/shares/{share_id:uuid}",
    summary="Read a link",
    response_headers=[ResponseHeader(name="ETag", documentation_only=True)],
)
async def get_share(
    read_db: ReadDb, state: State, user: CurrentUser, share_id: FromPath[UUID]
) -> Response[ShareRead]:
    share = service.shape(await service.get(read_db, share_id, owner_id=user.id), state.settings.issuer)
    return Response(share, headers={"ETag": etags.of(share.version)})


@patch("/shares/{share_id:uuid}", summary="Change a link, which counts for its visitors at once")
async def update_share(
    db: Db,
    state: State,
    user: CurrentUser,
    passwords: PasswordHashing,
    share_id: FromPath[UUID],
    data: JSONBody[ShareUpdate],
    if_match: etags.IfMatch = None,
) -> Response[ShareRead]:
    share = await service.update(
        db,
        share_id,
        owner_id=user.id,
        data=data,
        password_hash=await passwords.hash(data.password) if data.password else None,
        if_match=if_match,
    )
    return Response(service.shape(share, state.settings.issuer), headers={"ETag": etags.of(share.version)})


@delete(
    "/shares/{share_id:uuid}",
    summary="Revoke a link, at once and for good",
    description="It stays in the list with its statistics, until the resume is deleted for good.",
)
async def revoke_share(
    db: Db, user: CurrentUser, share_id: FromPath[UUID], if_match: etags.IfMatch = None
) -> None:
    await service.revoke(db, share_id, owner_id=user.id, if_match=if_match)


router = Router(
    "/api/v1",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[create_share, list_shares, get_share, update_share, revoke_share],
    tags=["Sharing"],
    security=[{"bearer": []}],
)
