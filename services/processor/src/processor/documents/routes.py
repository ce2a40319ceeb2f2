"""Documents over HTTP."""

from typing import Any

from litestar import Response, Router, post
from litestar.datastructures import State

from common.auth import authenticated_for
from common.limits import Limit, limited
from common.schemas import JSONBody
from processor.documents.exports import MEDIA_TYPE
from processor.documents.previews import Previews
from processor.documents.schemas import DocumentCreate, PreviewCreate

PREVIEWS, DOCUMENTS = Limit(600, 900), Limit(100, 900)
"""An editor asks for a preview after every pause in typing."""
_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@post(
    "/previews",
    status_code=200,
    opt={"limit": PREVIEWS},
    summary="Preview a resume",
    description="One page as a picture (`X-Page-Count` says how many there are), or the whole as PDF, at once.",
)
async def preview(state: State, data: JSONBody[PreviewCreate]) -> Response[bytes]:
    previews: Previews = state.previews
    if data.format == "pdf":
        return Response(await previews.document(data), media_type=MEDIA_TYPE)
    picture, pages = await previews.page(data)
    return Response(picture, media_type=_PICTURES[data.format], headers={"X-Page-Count": str(pages)})


@post(
    "/documents",
    status_code=200,
    opt={"limit": DOCUMENTS},
    summary="Render a resume",
    description="A JSON Resume becomes a PDF. Nothing is stored.",
)
async def render(state: State, data: JSONBody[DocumentCreate]) -> Response[bytes]:
    previews: Previews = state.previews
    headers: dict[str, Any] = {"Content-Disposition": 'attachment; filename="resume.pdf"'}
    return Response(await previews.document(data), media_type=MEDIA_TYPE, headers=headers)


router = Router(
    "/render/v1",
    middleware=[authenticated_for("render"), limited],
    route_handlers=[preview, render],
    tags=["Rendering"],
    security=[{"bearer": []}],
)
