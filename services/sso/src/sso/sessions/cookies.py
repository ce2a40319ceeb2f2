"""The refresh token as a cookie (SECURITY 11), and the check that a request was made by our own pages (SECURITY 14)."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from common.problems import Forbidden
from sso.sessions.service import IDLE
from sso.settings import Settings

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class ForeignOrigin(Forbidden):
    code, title = "ORIGIN_REFUSED", "This request does not come from our own pages"


class RefreshCookie:
    """`__Host-resumax_refresh`; without the prefix and Secure only over http on this machine."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.issuer)
        self._is_secure = not (public.scheme == "http" and public.hostname in _LOCAL)
        self._name = "__Host-resumax_refresh" if self._is_secure else "resumax_refresh"
        self._origins = {f"{public.scheme}://{public.netloc}", *settings.cors_origins}

    def holding(self, refresh_token: str) -> Cookie:
        return self._cookie(refresh_token, max_age=int(IDLE.total_seconds()))

    def cleared(self) -> Cookie:
        return self._cookie("", max_age=0)

    def _cookie(self, value: str, *, max_age: int) -> Cookie:
        return Cookie(
            key=self._name,
            value=value,
            max_age=max_age,
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )

    def read(self, request: Request[Any, Any, Any]) -> str | None:
        """The refresh token of the cookie, if there is one. Raises ForeignOrigin unless our own page sent it."""
        refresh_token = request.cookies.get(self._name)
        if refresh_token:
            if request.headers.get("origin") not in self._origins:
                raise ForeignOrigin
            self.refuse_foreign(request)
        return refresh_token or None

    def refuse_foreign(self, request: Request[Any, Any, Any]) -> None:
        """Raise ForeignOrigin for a page of others; programs, which send no `Origin`, may set the cookie (login)."""
        origin = request.headers.get("origin")
        if request.headers.get("sec-fetch-site") == "cross-site" or (origin and origin not in self._origins):
            raise ForeignOrigin
