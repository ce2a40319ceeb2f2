"""Where a browser goes on to once somebody has signed in: a path of our own, and nothing else (SECURITY 17)."""

import re
from urllib.parse import quote, urlencode, urlsplit

HOME = "/auth/ui/security"
"""Where there is nothing to go on with."""
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


def with_continuation(page: str, continue_to: str) -> str:
    """`page` with where to go on to, unless that is HOME."""
    if continue_to == HOME:
        return page
    return f"{page}?{urlencode({'continue': continue_to}, quote_via=quote)}"
