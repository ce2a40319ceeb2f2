"""Errors of the OAuth endpoints: those of RFC 6749 section 5.2, which are problems (RFC 9457) too."""

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from litestar import Request, Response
from litestar.exceptions import ClientException
from litestar.openapi.spec import Operation

from common import context
from common.problems import Problem

MEDIA_TYPE = "application/json"
"""What RFC 6749 section 5.2 asks for; clients do not read an error of another type."""

_TITLES = {
    "access_denied": "The request was denied",
    "authorization_pending": "The request has not been answered yet",
    "expired_token": "The code has expired",
    "invalid_client": "The client could not be authenticated",
    "invalid_grant": "What was shown is not valid, or not any more",
    "invalid_request": "The request is not valid",
    "invalid_scope": "This scope is not given",
    "invalid_target": "There is no such audience",
    "slow_down": "You ask too often",
    "unauthorized_client": "The client may not do this",
    "unsupported_grant_type": "This grant is not offered",
}
CHALLENGE = {"WWW-Authenticate": 'Basic realm="resumax"'}


class OAuthErrorBody(msgspec.Struct, kw_only=True, frozen=True):
    """An OAuth error that is a problem document too."""

    error: str
    error_description: str
    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = msgspec.field(name="requestId")


class OAuthProblem(Problem):
    """An OAuth error that is raised, before anything was done; `error` is its name."""

    error: ClassVar[str] = "invalid_request"


class InvalidRequest(OAuthProblem):
    status, error = 400, "invalid_request"


class Refusal(msgspec.Struct, frozen=True):
    """An OAuth error that is returned and not raised, so that what led to it is committed."""

    error: str
    description: str
    status: int = 400


def refused(public_url: str, refusal: Refusal) -> Response[bytes]:
    """The answer that tells it in both languages; to a client that could not be authenticated with a challenge."""
    error, title = refusal.error, _TITLES.get(refusal.error, "The request was refused")
    body = OAuthErrorBody(
        error=error,
        error_description=refusal.description or title,
        type=f"{public_url}/problems/{error.replace('_', '-')}",
        title=title,
        status=refusal.status,
        detail=refusal.description or title,
        code=error.upper(),
        request_id=context.request_id.get(),
    )
    return Response(
        msgspec.json.encode(body),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(CHALLENGE if refusal.status == 401 else {})},
    )


def on_oauth_problem(request: Request[Any, Any, Any], exc: OAuthProblem) -> Response[bytes]:
    issuer = request.app.state.service.settings.issuer
    return refused(issuer, Refusal(exc.error, exc.detail, exc.status))


def on_bad_form(request: Request[Any, Any, Any], _exc: ClientException) -> Response[bytes]:
    refusal = InvalidRequest("A form with one value for each parameter is expected.")
    return on_oauth_problem(request, refusal)


OAUTH_ERRORS: dict[Any, Any] = {OAuthProblem: on_oauth_problem, ClientException: on_bad_form}
"""Exception handlers for the endpoints that clients call."""


_, _COMPONENTS = msgspec.json.schema_components([OAuthErrorBody])


@dataclass
class OAuthOperation(Operation):
    """An operation in the API description that answers with an OAuth error where something goes wrong."""

    def __post_init__(self) -> None:
        told: Any = {"description": "", "content": {MEDIA_TYPE: {"schema": _COMPONENTS["OAuthErrorBody"]}}}
        self.responses = {**(self.responses or {}), "default": told}
