"""How sections and items are answered: with their own version, and with that of the resume that they are part of."""

from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import ResponseHeader

from common import etags

HEADERS = [
    ResponseHeader(name="ETag", description='Its own version: `"v3"`', documentation_only=True),
    ResponseHeader(name="X-Resume-Version", description="That of its resume: `7`", documentation_only=True),
]


class Versioned(Protocol):
    version: int


P = TypeVar("P", bound=Versioned)


class _Created(msgspec.Struct):
    id: UUID
    version: int


def part(shown: P, resume_version: int, *, if_none_match: str | None = None) -> Response[P | None]:
    """A section or an item as it is now; 304 if its reader has it."""
    headers = {"ETag": etags.of(shown.version), "X-Resume-Version": str(resume_version)}
    if etags.is_current(if_none_match, shown.version):
        return Response(None, status_code=304, headers=headers)
    return Response(shown, status_code=200, headers=headers)


def created(response: Response[bytes], path: str, resume_version: int | None) -> Response[bytes]:
    """The `response` that says what was made: under `path`, by its id."""
    made = msgspec.json.decode(response.content, type=_Created)
    response.headers |= {"Location": f"{path}/{made.id}", "ETag": etags.of(made.version)}
    if resume_version is not None:
        response.headers["X-Resume-Version"] = str(resume_version)
    return response


def gone(resume_version: int) -> Response[Any]:
    """Nothing is left to show but the version of the resume."""
    return Response(None, status_code=204, headers={"X-Resume-Version": str(resume_version)})
