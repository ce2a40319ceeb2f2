"""Problems: what goes wrong, as RFC 9457 `application/problem+json`, for everything that is not 2xx.

A feature raises a subclass of `Problem` that stands beside its service. Framework errors and crashes take the same
form through the handlers at the end; a 5xx never shows internals.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common import context

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class FieldError(msgspec.Struct, frozen=True):
    """One field that is wrong: its JSON path and why."""

    path: str
    message: str


class Problem(Exception):
    """Something a caller is told. Subclasses set `status`, `code` (UPPER_SNAKE, stable) and `title`."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "BAD_REQUEST"
    title: ClassVar[str] = "Bad request"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.headers = headers or {}


class NotFound(Problem):
    status, code, title = 404, "NOT_FOUND", "Not found"


class ValidationFailed(Problem):
    status, code, title = 400, "VALIDATION_FAILED", "The request is not valid"


class Unauthorized(Problem):
    status, code, title = 401, "UNAUTHORIZED", "Sign in to do this"

    def __init__(self, detail: str = "", *, error: str = "") -> None:
        challenge = f'Bearer error="{error}"' if error else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class Forbidden(Problem):
    status, code, title = 403, "FORBIDDEN", "You may not do this"


class VersionConflict(Problem):
    status, code, title = 412, "VERSION_CONFLICT", "It was changed by somebody else"


class Unavailable(Problem):
    status, code, title = 503, "UNAVAILABLE", "Not available right now"

    def __init__(self, detail: str = "", *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Body(msgspec.Struct, omit_defaults=True, rename="camel"):
    """The problem document as it goes out."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] | None = None


_TITLES = {
    400: ("BAD_REQUEST", "Bad request"),
    401: ("UNAUTHORIZED", "Sign in to do this"),
    403: ("FORBIDDEN", "You may not do this"),
    404: ("NOT_FOUND", "Not found"),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    413: ("PAYLOAD_TOO_LARGE", "The request is too large"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"),
    429: ("RATE_LIMIT_EXCEEDED", "Too many requests"),
}
_CLIENT_GONE = "client disconnected prematurely"  # Litestar's words, with a status of 500
_INTERNAL = ("INTERNAL_ERROR", "Something went wrong on our side")


def body(
    *, public_url: str, status: int, code: str, title: str, detail: str, errors: list[FieldError] | None
) -> bytes:
    """The JSON of a problem document, with the id of the request at hand."""
    kind = f"{public_url}/problems/{code.lower().replace('_', '-')}"
    return msgspec.json.encode(Body(kind, title, status, detail, code, context.request_id.get(), errors))


def handlers(public_url: str) -> dict[Any, Any]:
    """Litestar's exception handlers: everything that is raised leaves as a problem document."""
    answers = _Answers(public_url)
    return {
        Problem: answers.problem,
        RecursionError: answers.recursion,
        UnicodeDecodeError: answers.not_utf8,
        HTTPException: answers.http_exception,
        DBAPIError: answers.database,
        PoolTimeout: answers.database,
        Exception: answers.crash,
    }


class _Answers:
    """The answer to each kind of exception."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def problem(self, _request: Request[Any, Any, Any], exc: Problem) -> Response[bytes]:
        return self._respond(exc.status, exc.code, exc.title, exc.detail, exc.errors, exc.headers)

    def http_exception(self, request: Request[Any, Any, Any], exc: HTTPException) -> Response[bytes]:
        if exc.detail == _CLIENT_GONE:
            log.info("client_gone", route=request.scope.get("path_template"))
            return self._respond(400, "BAD_REQUEST", "Bad request", "The request was not sent to its end.")
        if exc.status_code >= 500:
            return self.crash(request, exc)
        if errors := _field_errors(exc, _names(request)):
            detail = f"{errors[0].path}: {errors[0].message}"
            return self._respond(400, ValidationFailed.code, ValidationFailed.title, detail, errors)
        code, title = _TITLES.get(exc.status_code, ("BAD_REQUEST", "Bad request"))
        headers = {k: v for k, v in (exc.headers or {}).items() if k.lower() in {"allow", "retry-after"}}
        return self._respond(exc.status_code, code, title, exc.detail or title, None, headers)

    def crash(self, request: Request[Any, Any, Any], exc: Exception) -> Response[bytes]:
        log.error(
            "request_crashed", method=request.method, route=request.scope.get("path_template"), exc_info=exc
        )
        code, title = _INTERNAL
        return self._respond(500, code, title, title)

    def database(self, request: Request[Any, Any, Any], exc: DBAPIError | PoolTimeout) -> Response[bytes]:
        if not is_busy(exc):
            return self.crash(request, exc)
        log.warning("database_unavailable", route=request.scope.get("path_template"), kind=type(exc).__name__)
        return self.problem(request, Unavailable("The database is away, busy or full; try again shortly."))

    def recursion(self, _request: Request[Any, Any, Any], exc: RecursionError) -> Response[bytes]:
        log.warning("body_too_deep", error=str(exc))
        return self._refuse_body("Arrays and objects are nested too deeply.")

    def not_utf8(self, _request: Request[Any, Any, Any], exc: UnicodeDecodeError) -> Response[bytes]:
        log.warning("body_not_utf8", reason=exc.reason)
        return self._refuse_body("The text is not UTF-8.")

    def _refuse_body(self, reason: str) -> Response[bytes]:
        errors = [FieldError("$", reason)]
        return self._respond(400, ValidationFailed.code, ValidationFailed.title, reason, errors)

    def _respond(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response[bytes]:
        content = body(
            public_url=self._public_url, status=status, code=code, title=title, detail=detail, errors=errors
        )
        return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


_SQLITE_BUSY = re.compile(r"locked|full|disk I/O", re.IGNORECASE)
# Classes of SQLSTATE: no connection, a deadlock or a transaction to be tried again, no disk, memory or connections left,
# shut down or cancelled by whoever runs it.
_SQLSTATES_BUSY = ("08", "40", "53", "57")


def is_busy(exc: DBAPIError | PoolTimeout) -> bool:
    """Whether a database error passes by itself: no lock, disk or connection to be had for now, or no database."""
    if isinstance(exc, PoolTimeout) or exc.connection_invalidated or isinstance(exc.orig, OSError):
        return True
    sqlstate = getattr(exc.orig, "sqlstate", None)
    if sqlstate is not None:
        return str(sqlstate).startswith(_SQLSTATES_BUSY)
    return isinstance(exc, OperationalError) and bool(_SQLITE_BUSY.search(str(exc.orig)))


_AT = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_NAMES_A_FIELD = re.compile(
    r"^(?:Object (?:contains unknown|missing required)|The time in the) field `(?P<field>[^`]*)`"
)


def _names(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What callers write for the arguments of the handler, and of what it depends on, that are named otherwise."""
    handler = request.scope.get("route_handler")
    if not isinstance(handler, HTTPRouteHandler):
        return {}
    dependencies = handler.resolve_dependencies().values()
    signatures = [*(found.parsed_fn_signature for found in dependencies), handler.parsed_fn_signature]
    return {
        argument: field.kwarg_definition.name
        for signature in signatures
        for argument, field in signature.parameters.items()
        if isinstance(field.kwarg_definition, ParameterKwarg) and field.kwarg_definition.name
    }


def _field_errors(exc: HTTPException, names: Mapping[str, str]) -> list[FieldError]:
    """Field errors from Litestar's validation, and from msgspec's text where a body could not be decoded. `names` are
    those of parameters, by the arguments that Litestar names."""
    if isinstance(exc, ValidationException) and isinstance(exc.extra, list):
        return [
            _field_error(_key(item, names), str(item.get("message", "")))
            for item in exc.extra
            if isinstance(item, dict)
        ] or [FieldError("$", exc.detail)]
    if exc.status_code != 400 or not isinstance(exc.__cause__, Exception):
        return []
    match = _AT.match(str(exc.__cause__.__cause__ or exc.__cause__))
    assert match is not None  # noqa: S101 (the pattern matches any text)
    return [_field_error((match["path"] or "$").removeprefix("$").removeprefix("."), match["message"])]


def _key(item: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Where something is wrong. A member of the body keeps its name, though an argument may have the same."""
    argument, dot, rest = str(item.get("key", "")).partition(".")
    name = argument if item.get("source") == "body" else names.get(argument, argument)
    return f"{name}{dot}{rest}"


def _field_error(key: str, message: str) -> FieldError:
    """`key` is the path without its `$`; Litestar calls the whole body `data`. A field that is unknown or missing is
    part of the path, though msgspec names it in the message alone; so is one that `common.schemas` refused."""
    path = "$" if key in {"", "data"} else f"${key}" if key.startswith("[") else f"$.{key}"
    named = _NAMES_A_FIELD.match(message)
    return FieldError(f"{path}.{named['field']}" if named else path, message)
