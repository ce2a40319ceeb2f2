"""Cookies of our own pages (SECURITY 11): `__Host-`, Secure, HttpOnly, SameSite=Lax, no Domain; without the prefix and
Secure only over http on this machine."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from sso.challenges.service import GOOD_FOR as CHALLENGE_GOOD_FOR
from sso.origins import Origins
from sso.sessions.rotations import IDLE
from sso.settings import Settings

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class HostCookie:
    """A cookie named `name` that lives for `max_age` seconds."""

    def __init__(self, settings: Settings, name: str, *, max_age: float) -> None:
        public = urlsplit(settings.issuer)
        self._is_secure = not (public.scheme == "http" and public.hostname in _LOCAL)
        self._name = f"__Host-{name}" if self._is_secure else name
        self._max_age = int(max_age)

    def holding(self, value: str) -> Cookie:
        return self._cookie(value, max_age=self._max_age)

    def cleared(self) -> Cookie:
        return self._cookie("", max_age=0)

    def value(self, request: Request[Any, Any, Any]) -> str | None:
        """What the browser holds, if anything; whichever page it comes from."""
        return request.cookies.get(self._name) or None

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


class RefreshCookie(HostCookie):
    """The refresh token of a browser. On our own pages it also says, without being used up, whose browser it is."""

    def __init__(self, settings: Settings, origins: Origins) -> None:
        super().__init__(settings, "resumax_refresh", max_age=IDLE.total_seconds())
        self.origins = origins

    def read(self, request: Request[Any, Any, Any]) -> str | None:
        """The refresh token of the cookie, if there is one. Raises ForeignOrigin unless our own page sent it."""
        refresh_token = self.value(request)
        if refresh_token:
            self.origins.require(request)
        return refresh_token


class ChallengeCookie(HostCookie):
    """Which sign-in of this browser waits for its second factor."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "resumax_challenge", max_age=CHALLENGE_GOOD_FOR.total_seconds())
