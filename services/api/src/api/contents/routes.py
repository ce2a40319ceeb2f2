"""The content of a resume over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, put
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import Body, FromPath, QueryParameter

from api.contents import json_resume, service
from api.contents.answers import JsonAnswer
from api.contents.cache import Content, ContentCache
from api.contents.schemas import ContentWritten
from api.dependencies import Contents
from api.requests import JsonRequest
from api.resumes import service as resumes
from api.resumes.schemas import EXAMPLE
from common import etags
from common.auth import authenticated_for
from common.dependencies import CurrentUser, Db
from common.limits import limited
from common.problems import FieldError, ValidationFailed
from common.schemas import rfc3339

Replacement = Annotated[dict[str, Any], Body(examples=[Example(value=EXAMPLE)])]
_HEADERS = [
    ResponseHeader(name="ETag", description='The version: `"v3"`', documentation_only=True),
    ResponseHeader(name="X-Cache", description="HIT or MISS", documentation_only=True),
    ResponseHeader(name="X-Cache-Date", description="When it was cached", documentation_only=True),
]
Strict = Annotated[bool, QueryParameter(description="Refuse what is not as JSON Resume says")]


@dataclass
class _WithVisible(Operation):
    """Describes `visible`. A parameter of the handler would cost each read what its parsing takes."""

    def __post_init__(self) -> None:
        self.parameters = [
            *(self.parameters or []),
            Parameter(
                name="visible",
                param_in="query",
                description="Without hidden sections and entries",
                schema=Schema(type=OpenAPIType.BOOLEAN, default=False),
            ),
        ]


@get(
    "/",
    operation_class=_WithVisible,
    summary="Read the whole document",
    description="What was put, with every unknown field. 304 if `If-None-Match` names the current version.",
    responses={200: ResponseSpec(dict[str, Any], description="A JSON Resume document")},
    response_headers=_HEADERS,
)
async def get_content(request: Request[Any, Any, Any], resume_id: FromPath[UUID]) -> JsonAnswer:
    # The most read route asks for nothing that it may not need: no session is opened when the cache has it.
    state, user = request.app.state, request.auth
    cache: ContentCache = state.contents
    if request.scope["query_string"] and _asks_for_visible(request):
        return _answer(request, await service.read_visible(state.database, resume_id, owner_id=user.id))
    content = cache.near(resume_id, user.subject)
    if content is None:
        content = await service.read_through(state.database, cache, resume_id, owner_id=user.id)
    return _answer(request, content)


def _answer(request: Request[Any, Any, Any], content: Content) -> JsonAnswer:
    headers = [(b"etag", etags.of(content.version).encode()), *_freshness(content.cached_at)]
    if etags.is_current(_if_none_match(request), content.version):
        return JsonAnswer(b"", headers, status=304)
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content.body))]
    return JsonAnswer(content.body, headers)


def _asks_for_visible(request: Request[Any, Any, Any]) -> bool:
    given = request.query_params.get("visible", "false")
    if given not in {"true", "false", "1", "0"}:
        message = "Expected `true` or `false`."
        raise ValidationFailed(f"$.visible: {message}", errors=[FieldError("$.visible", message)])
    return given in {"true", "1"}


def _if_none_match(request: Request[Any, Any, Any]) -> str | None:
    """The header, read without decoding all the others."""
    for name, value in request.scope["headers"]:
        if name == b"if-none-match":
            return value.decode("latin-1")
    return None


def _freshness(cached_at: datetime | None) -> list[tuple[bytes, bytes]]:
    if cached_at is None:
        return [(b"x-cache", b"MISS")]
    return [(b"x-cache", b"HIT"), (b"x-cache-date", rfc3339(cached_at).encode())]


@put(
    "/",
    summary="Replace the whole document",
    description="Any JSON object is kept as it is. Entries that stay keep their ids. An entry that "
    "may be a hidden one, too much edited to tell, is hidden. `warnings` name those, and what is not as JSON Resume says; "
    "with `strict` that is refused.",
)
async def put_content(
    db: Db,
    cache: Contents,
    user: CurrentUser,
    resume_id: FromPath[UUID],
    data: Replacement,
    if_match: etags.IfMatch = None,
    strict: Strict = False,
) -> Response[ContentWritten]:
    found = json_resume.warnings(data)  # before the transaction: a large document takes its time
    resume, hidden = await service.replace(
        db,
        cache,
        resume_id,
        owner_id=user.id,
        document=data,
        if_match=if_match,
        refused=found if strict else [],
    )
    written = ContentWritten(
        **msgspec.structs.asdict(resumes.shape(resume)),
        warnings=[*hidden, *(found if service.is_json_resume(resume) else [])][: json_resume.MOST_WARNINGS],
    )
    return Response(written, headers={"ETag": etags.of(resume.version)})


router = Router(
    "/api/v1/resumes/{resume_id:uuid}/content",
    middleware=[authenticated_for("resumes"), limited],
    request_class=JsonRequest,
    route_handlers=[get_content, put_content],
    tags=["Content"],
    security=[{"bearer": []}],
)
