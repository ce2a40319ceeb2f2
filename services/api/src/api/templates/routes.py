"""The catalogue over HTTP: for everybody who is signed in, and for the processor that publishes."""

from typing import Annotated, Any

from litestar import Request, Response, Router, delete, get, put
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, PathParameter, QueryParameter

from api.responses.middleware import CACHED_CATALOGUE, HEADERS
from api.templates import service
from api.templates.schemas import TEMPLATE_ID, TemplateDetail, TemplateList
from common.auth import authenticated_for, authenticated_for_if_valid, client, internal
from common.contracts.templates import CataloguePut, TemplatePut
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import JSONBody
from common.tokens import Principal

Name = Annotated[str, PathParameter(pattern=TEMPLATE_ID)]
IN_VERSIONS = QueryParameter(ge=1, le=2**31 - 1)
Version = Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1, description="The newest unless named")]
Kind = Annotated[
    str | None,
    QueryParameter(pattern=r"^[a-z][a-z-]{0,31}$", description="Only those for documents of this kind"),
]

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
FOR_ITS_OWNER = "private, no-store"


@get("/", middleware=CACHED_CATALOGUE, response_headers=HEADERS, summary="List the templates")
async def list_templates(read_db: ReadDb, user: CurrentUser, kind: Kind = None) -> TemplateList:
    return TemplateList(items=await service.listed(read_db, user_id=user.id, kind=kind))


@get(
    "/{template_id:str}",
    middleware=CACHED_CATALOGUE,
    response_headers=HEADERS,
    summary="Read a template, with its options and versions",
)
async def get_template(
    read_db: ReadDb, user: CurrentUser, template_id: FromPath[str], version: Version = None
) -> TemplateDetail:
    return await service.detail(read_db, template_id, version, user_id=user.id)


@get(
    "/{template_id:str}/previews/{page:int}",
    summary="See a page of a template",
    description="For everybody, so that an `img` element can show it; one of a private template for its owner alone, who says "
    "so with a token. That of a version never changes.",
    responses={
        200: ResponseSpec(bytes, media_type="image/png", description="The page with a made-up resume")
    },
)
async def get_preview(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    state: State,
    template_id: FromPath[str],
    page: FromPath[int],
    version: Version = None,
) -> Response[bytes]:
    user: Principal | None = request.scope.get("auth")
    user_id = None if user is None else user.id
    found = await service.preview(read_db, template_id, version, page, user_id=user_id)
    picture = await state.previews.get(found.key)
    lifetime = FOR_A_WHILE if version is None else FOR_GOOD
    headers = {"Cache-Control": FOR_ITS_OWNER if found.is_private else lifetime}
    return Response(picture, media_type="image/png", headers=headers)


@put("/", status_code=204, summary="Publish many versions of templates, all or none")
async def put_templates(db: Db, data: JSONBody[CataloguePut]) -> None:
    for found in data.templates:
        await service.publish(db, found.id, found.template)


@put("/{template_id:str}", status_code=204, summary="Publish a version of a template")
async def put_template(db: Db, template_id: Name, data: JSONBody[TemplatePut]) -> None:
    await service.publish(db, template_id, data)


@delete("/{template_id:str}", summary="Offer a version of a template no more")
async def retire_template(db: Db, template_id: Name, version: Annotated[int, IN_VERSIONS]) -> None:
    await service.retire(db, template_id, version)


router = Router(
    "/api/v1/templates",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[list_templates, get_template],
    tags=["Templates"],
    security=[{"bearer": []}],
)
pictures_router = Router(
    "/api/v1/templates",
    middleware=[authenticated_for_if_valid("resumes"), limited],
    route_handlers=[get_preview],
    tags=["Templates"],
)
internal_router = Router(
    "/internal/templates",
    middleware=[internal],
    guards=[client("processor")],
    route_handlers=[put_templates, put_template, retire_template],
    tags=["Internal"],
    security=[{"bearer": []}],
)
