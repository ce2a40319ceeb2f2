"""Files that pages refer to: style sheets and scripts. Their addresses tell their content, so that browsers keep them
for good and no deploy shows old ones."""

import hashlib
from functools import cached_property
from importlib.resources import files
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

_VERSION = "v"
_FOR_GOOD = "public, max-age=31536000, immutable"


class Asset:
    """The file `name` of `package`, served at `path`."""

    def __init__(self, package: str, name: str, *, path: str, media_type: str) -> None:
        self._package, self._name = package, name
        self._path, self._media_type = path, media_type

    @cached_property
    def content(self) -> bytes:
        return files(self._package).joinpath(self._name).read_bytes()

    @cached_property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def address(self) -> str:
        """What pages say; another one with every content."""
        return f"{self._path}?{_VERSION}={self.version}"

    def route(self) -> HTTPRouteHandler:
        @get(self._path, include_in_schema=False, sync_to_thread=False)
        def asset(request: Request[Any, Any, Any]) -> Response[bytes]:
            # While a deploy is under way, a page of the other version may ask here: this must not be kept as its own.
            is_asked_for = request.query_params.get(_VERSION) == self.version
            return Response(
                self.content,
                media_type=self._media_type,
                headers={"Cache-Control": _FOR_GOOD if is_asked_for else "no-cache"},
            )

        return asset


def style_sheet(prefix: str) -> Asset:
    """The design system's, under the prefix of a service."""
    return Asset("common.ui", "ui.css", path=f"{prefix}/ui.css", media_type="text/css")


def script(prefix: str) -> Asset:
    """What it adds to pages that work without it."""
    return Asset("common.ui", "ui.js", path=f"{prefix}/ui.js", media_type="text/javascript")
