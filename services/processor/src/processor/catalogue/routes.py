"""The catalogue over HTTP, for other services."""

from litestar import Router, get
from litestar.datastructures import State

from common.auth import internal
from common.contracts.templates import TemplatePut
from common.schemas import Page, Schema
from processor.catalogue.entries import entry
from processor.rendering import Renderer, Template


class TemplateRead(Schema):
    id: str
    template: TemplatePut


@get(
    "/",
    summary="List the templates",
    description="Every version of every template that can be rendered here.",
)
async def list_templates(state: State) -> Page[TemplateRead]:
    templates: dict[tuple[str, int], Template] = state.templates
    renderer: Renderer = state.renderer
    return Page(
        items=[
            TemplateRead(id=template.id, template=entry(template, is_available=renderer.can_render(template)))
            for template in templates.values()
        ]
    )


router = Router(
    "/internal/templates",
    middleware=[internal],
    route_handlers=[list_templates],
    tags=["Internal"],
    security=[{"bearer": []}],
)
