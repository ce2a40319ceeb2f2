"""The refresh token as a cookie (SECURITY 11)."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from sso.origins import Origins
from sso.sessions.service import IDLE
from sso.settings import Settings

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class RefreshCookie:
    """`__Host-resumax_refresh`; without the prefix and Secure only over http on this machine."""

    def __init__(self, settings: Settings, origins: Origins) -> None:
        public = urlsplit(settings.issuer)
        self._is_secure = not (public.scheme == "http" and public.hostname in _LOCAL)
        self._name = "__Host-resumax_refresh" if self._is_secure else "resumax_refresh"
        self.origins = origins

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
            self.origins.require(request)
        return refresh_token or None
