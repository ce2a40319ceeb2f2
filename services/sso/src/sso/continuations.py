"""Where a browser goes on to once somebody has signed in: a path of our own, and nothing else (SECURITY 17)."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

HOME = "/auth/ui/security"
"""Where there is nothing to go on with."""
AUTHORIZE = "/oauth2/authorize"
_LONGEST = 4096
_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def checked(text: str | None) -> str:
    """`text` if it is a path of this origin, in plain ASCII and without a trick to leave it; else HOME.

    Refused are other schemes and hosts, `//`, backslashes, control characters and spaces, and dot segments, which a
    browser would resolve before it asks.
    """
    if not text or len(text) > _LONGEST or not _PATH.fullmatch(text):
        return HOME
    path = urlsplit(text).path.lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/")
    if "//" in path or any(part in {".", ".."} for part in path.split("/")):
        return HOME
    return text


def with_continuation(page: str, continue_to: str, **more: str) -> str:
    """`page` with where to go on to, unless that is HOME, and with `more` in its query."""
    query = {**({} if continue_to == HOME else {"continue": continue_to}), **more}
    return f"{page}?{urlencode(query, quote_via=quote)}" if query else page


def asked_for(continue_to: str) -> dict[str, str]:
    """The parameters of the authorization request that `continue_to` goes on with (OpenID Connect Core section
    3.1.2.1), as they are; none if it is something else."""
    found = urlsplit(checked(continue_to))
    return dict(parse_qsl(found.query)) if found.path == AUTHORIZE else {}
