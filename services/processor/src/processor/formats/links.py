"""Where links of a document lead, in a form that every reader of files takes."""

import re
from urllib.parse import quote, urlsplit

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# What RFC 3986 allows in an address. `%` stays: what is encoded already is not encoded twice.
_ALLOWED = "%/:?#[]@!$&'()*+,;=~-._"
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def safe_href(href: str) -> str:
    """`href` in ASCII (RFC 3986), or "" if it is no address of the web, of mail or of a telephone.

    Word takes a file for broken if one address in it is malformed, so such are left out: their text stays.
    """
    try:
        parts = urlsplit(href)
        host, _ = parts.hostname, parts.port
        ascii_host = (host or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in _SCHEMES or (parts.scheme.startswith("http") and not host):
        return ""
    if host and ascii_host != host:
        href = href.replace(parts.netloc, parts.netloc.lower().replace(host, ascii_host), 1)
    return quote(_LONE_PERCENT.sub("%25", href), safe=_ALLOWED)
