"""Where a browser goes on to after a sign-in at another provider: to us, and nobody else (SECURITY 17)."""

from urllib.parse import quote, urlsplit

from sso import continuations
from sso.identities.problems import RedirectRefused
from sso.settings import Settings

CONTINUE = "/auth/oauth/continue"


class Destinations:
    """Paths of our own, and pages of the front ends that CORS lets in, by their exact origin."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.issuer)
        self._own = f"{public.scheme}://{public.netloc}"
        self._origins = (self._own, *settings.cors_origins)

    def checked(self, redirect_uri: str) -> str:
        """`redirect_uri` if it is such a page; a page of our own as its path. Raises RedirectRefused.

        Nothing is parsed or decoded: what does not begin with the very text of an origin is another's.
        """
        origin = next((known for known in self._origins if redirect_uri.startswith(f"{known}/")), "")
        path = redirect_uri[len(origin) :]
        if continuations.checked(path) != path or (origin and "#" in path):
            raise RedirectRefused
        return path if origin == self._own else redirect_uri


def as_path(destination: str) -> str:
    """`destination` as a path of our own, for pages that go on to nothing else: one that leads to it."""
    is_path = destination.startswith("/")
    return destination if is_path else f"{CONTINUE}?redirectUri={quote(destination, safe='')}"
