"""The check that a request was made by our own pages (SECURITY 14)."""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from common.problems import Forbidden
from sso.settings import Settings


class ForeignOrigin(Forbidden):
    code, title = "ORIGIN_REFUSED", "This request does not come from our own pages"


class Origins:
    """The origins of our own pages: the public address, and the front ends that CORS lets in."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.issuer)
        self.ours = {f"{public.scheme}://{public.netloc}", *settings.cors_origins}

    def require(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Raise ForeignOrigin unless the request says that it comes from one of our pages."""
        if connection.headers.get("origin") not in self.ours:
            raise ForeignOrigin
        self.refuse_foreign(connection)

    def refuse_foreign(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Raise ForeignOrigin for a page of others; programs, which send no `Origin`, pass."""
        origin = connection.headers.get("origin")
        if connection.headers.get("sec-fetch-site") == "cross-site" or (origin and origin not in self.ours):
            raise ForeignOrigin


def sent_by_us(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard for the forms of our pages. Raises ForeignOrigin."""
    origins: Origins = connection.app.state.origins
    origins.require(connection)
