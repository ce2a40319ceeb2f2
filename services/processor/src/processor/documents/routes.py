"""Documents over HTTP."""

from litestar import Response, Router, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec

from common.auth import authenticated_for
from common.dependencies import CurrentUser
from common.limits import Limit, limited
from common.schemas import JSONBody
from processor.documents import answers
from processor.documents.comparisons import Comparisons
from processor.documents.files import Files
from processor.documents.previews import Previews
from processor.documents.schemas import (
    ComparisonCreate,
    ComparisonRead,
    DocumentCreate,
    PreviewCreate,
    PreviewRead,
)

PREVIEWS, DOCUMENTS, COMPARISONS = Limit(600, 900), Limit(100, 900), Limit(60, 900)
"""An editor asks for a preview after every pause in typing."""


@post(
    "/previews",
    status_code=200,
    opt={"limit": PREVIEWS},
    summary="Preview a resume",
    description="Its pages as pictures, or the whole as PDF, at once. With `page` the answer is that picture; without it, "
    "JSON with all pages (or those in `pages`), in which a page whose hash is among the `known` ones comes without its data. "
    "With a `session`, a newer request of yours ends the older ones, which are answered `SUPERSEDED`: only the newest picture "
    "is of use in an editor. What is not done in time is answered 503 and, asked for again within a minute, `TAKES_TOO_LONG`. "
    "SVG is made to be put into a page: drawings, no scripts, and links to the web, mail and "
    "telephones alone.",
    responses={200: ResponseSpec(PreviewRead, description="The pages (without `page`), or one file")},
    response_headers=answers.HEADERS,
)
async def preview(
    state: State, user: CurrentUser, data: JSONBody[PreviewCreate]
) -> Response[bytes] | Response[PreviewRead]:
    previews: Previews = state.previews
    made = await previews.render(data, user.id)
    headers = answers.headers_of(made.page_count, made.warnings)
    if data.page is None and data.format != "pdf":
        pages = answers.pages_read(made, data.format, pages=data.pages, known=data.known)
        return Response(pages, headers=headers)
    file = made.files[0 if data.format == "pdf" else (data.page or 1) - 1]
    return Response(file, media_type=answers.media_type(data.format), headers=headers)


@post(
    "/documents",
    status_code=200,
    opt={"limit": DOCUMENTS},
    summary="Render a resume",
    description="A JSON Resume or a letter becomes a file. Nothing is stored. Pictures of pages (`png`) come as a ZIP archive. "
    "What is not done in time is answered 503 and, asked for again within a minute, `TAKES_TOO_LONG`.",
    responses={
        200: ResponseSpec(bytes, media_type="application/pdf", description="The file, as `format` says")
    },
    response_headers=answers.FILE_HEADERS,
)
async def render(state: State, user: CurrentUser, data: JSONBody[DocumentCreate]) -> Response[bytes]:
    files: Files = state.files
    made = await files.make(data, user.id)
    headers = answers.attachment(data.file_name, made.format.ending)
    headers |= answers.headers_of(made.page_count, made.warnings)
    # As a header, because to a `media_type` of text Litestar adds a charset, whether it has one or not.
    headers["Content-Type"] = made.format.media_type
    return Response(made.data, headers=headers)


@post(
    "/comparisons",
    status_code=200,
    opt={"limit": COMPARISONS},
    summary="Compare two looks of a document",
    description="Page by page: what another version of a template, another template or other options would change. A resume "
    "keeps the version of its template until its owner moves it (`PATCH /resumes/{id}`); this shows what that does.",
)
async def compare(state: State, user: CurrentUser, data: JSONBody[ComparisonCreate]) -> ComparisonRead:
    comparisons: Comparisons = state.comparisons
    return answers.comparison_read(await comparisons.compare(data, user.id))


router = Router(
    "/render/v1",
    middleware=[authenticated_for("render"), limited],
    route_handlers=[preview, render, compare],
    tags=["Rendering"],
    security=[{"bearer": []}],
)
"""Documents and previews, for tokens and API keys with the scope `render`."""
