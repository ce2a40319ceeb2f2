"""The catalogue over HTTP: for everybody who is signed in, and for the processor that publishes."""

from typing import Annotated

from litestar import Router, get, put
from litestar.params import FromPath, PathParameter, QueryParameter

from api.templates import queries, service
from api.templates.schemas import TEMPLATE_ID, TemplateList, TemplateRead
from common.auth import authenticated_for, internal
from common.contracts.templates import TemplatePut
from common.dependencies import Db, ReadDb
from common.limits import limited
from common.schemas import JSONBody, read

Name = Annotated[str, PathParameter(pattern=TEMPLATE_ID)]
Version = Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1, description="The newest unless named")]


@get("/", summary="List the templates")
async def list_templates(read_db: ReadDb) -> TemplateList:
    return TemplateList(items=[read(TemplateRead, found) for found in await queries.newest(read_db)])


@get("/{template_id:str}", summary="Read a template")
async def get_template(read_db: ReadDb, template_id: FromPath[str], version: Version = None) -> TemplateRead:
    return read(TemplateRead, await service.get(read_db, template_id, version))


@put("/{template_id:str}", status_code=204, summary="Publish a version of a template")
async def put_template(db: Db, template_id: Name, data: JSONBody[TemplatePut]) -> None:
    await service.publish(db, template_id, data)


router = Router(
    "/api/v1/templates",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[list_templates, get_template],
    tags=["Templates"],
    security=[{"bearer": []}],
)
internal_router = Router(
    "/internal/templates",
    middleware=[internal],
    route_handlers=[put_template],
    tags=["Internal"],
    security=[{"bearer": []}],
)
