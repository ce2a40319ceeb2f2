"""Comparing redirect URIs: character by character (SECURITY 17; RFC 9700 section 2.1)."""

import re
from collections.abc import Collection

_LOOPBACK = re.compile(
    r"(?P<host>http://(?:127\.0\.0\.1|\[::1\]))(?::(?P<port>[0-9]{1,5}))?(?P<rest>/[\x21-\x7e]*)?"
)
_LAST_PORT = 65535


def is_registered(uri: str, registered: Collection[str], *, is_native: bool) -> bool:
    """Whether `uri` is one of `registered`. A native app on this machine listens on whichever port is free, so for one
    the ports of loopback addresses may differ, and nothing else (RFC 8252 section 7.3)."""
    if uri in registered:
        return True
    wanted = _without_port(uri) if is_native else None
    return wanted is not None and any(_without_port(known) == wanted for known in registered)


def _without_port(uri: str) -> tuple[str, str] | None:
    """`uri` without its port, if it is an address of the machine itself."""
    found = _LOOPBACK.fullmatch(uri)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return None
    return found["host"], found["rest"] or ""
