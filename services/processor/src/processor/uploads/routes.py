"""Uploaded templates over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody
from litestar.openapi.spec import Schema as Described
from litestar.params import FromPath

from common import pagination
from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import Limit, limited
from common.schemas import Page
from processor.settings import Settings
from processor.uploads import queries, service
from processor.uploads.schemas import UploadRead
from processor.uploads.shelf import Shelf


@dataclass
class UploadOperation(Operation):
    """The operation in the API description, with its body."""

    def __post_init__(self) -> None:
        body = OpenAPIMediaType(schema=Described(type="string", format="binary"))  # type: ignore[arg-type]
        self.request_body = RequestBody(content={"application/zip": body}, required=True)


@post(
    "/",
    status_code=202,
    opt={"limit": Limit(30, 3600)},
    operation_class=UploadOperation,
    summary="Upload a version of a template",
    description="A ZIP of its folder, of at most 1 MiB. It is tried with made-up documents where it can do no harm, then "
    "published: what staff who publish templates upload to everybody, what others upload to themselves. What is published never changes.",
    responses={
        202: ResponseSpec(UploadRead, description="It is being checked: read it again, or follow the job")
    },
)
async def upload_template(
    request: Request[Any, Any, Any], state: State, user: CurrentUser
) -> Response[UploadRead]:
    settings: Settings = state.settings
    shelf: Shelf = state.shelf
    by = service.uploader(user, settings.template_publishers, users_may=settings.template_uploads == "users")
    archive = await request.body()
    # (no transaction before: looking through it takes a while)
    async with shelf.trial(archive) as template, state.database.write() as db:
        made = service.shape(await service.submit(db, by, template, archive, builtin=shelf.names))
    return Response(made, status_code=202, headers={"Location": f"/render/v1/template-uploads/{made.id}"})


@get(
    "/",
    summary="List uploaded templates, newest first",
    description="Those for oneself alone; who publishes templates sees all.",
)
async def list_uploads(
    read_db: ReadDb,
    state: State,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[UploadRead]:
    by = service.seen_by(user, state.settings.template_publishers)
    rows = await queries.newest(
        read_db, owner_id=by.owner_id, after=pagination.after(cursor), limit=limit + 1
    )
    found, following = pagination.cut(rows, limit)
    return Page(items=[service.shape(row) for row in found], next_cursor=following)


@get("/{upload_id:uuid}", summary="Read what became of an upload")
async def get_upload(
    read_db: ReadDb, state: State, user: CurrentUser, upload_id: FromPath[UUID]
) -> UploadRead:
    by = service.seen_by(user, state.settings.template_publishers)
    return service.shape(await service.get(read_db, upload_id, by=by))


@delete(
    "/{upload_id:uuid}",
    summary="Retire an uploaded template",
    description="It is offered no more; documents that have it look as they did.",
)
async def retire_upload(db: Db, state: State, user: CurrentUser, upload_id: FromPath[UUID]) -> None:
    by = service.uploader(user, state.settings.template_publishers, users_may=True)
    await service.retire(db, upload_id, by=by)


router = Router(
    "/render/v1/template-uploads",
    middleware=[authenticated, limited],
    route_handlers=[upload_template, list_uploads, get_upload, retire_upload],
    tags=["Templates"],
    security=[{"bearer": []}],
)
