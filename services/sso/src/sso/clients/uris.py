"""Which addresses a client may have. They are compared as text later on, so each has one spelling only, and none that
two programs could read differently (SECURITY 17; RFC 6749 section 3.1.2, RFC 8252 section 7, RFC 9700 section 4.1)."""

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST = 2000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"https": "443", "http": "80"}
# The characters of RFC 3986, but for `#` (no fragments), `@` (nobody signs in in an address) and `*` (no patterns).
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?\[\]!$&'()+,;=]|%[0-9A-F]{2})+")
# What is encoded though it need not be has two spellings; what hides a separator, a dot or a control character is read
# differently by different programs.
_MISLEADING = re.compile(r"%(?:[01][0-9A-F]|2[DEF]|3[0-9]|4[1-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF]|25)")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_REVERSE_DOMAIN = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")


class UriRefused(ValueError):
    """The message says why, for whoever registers the client."""


def check_web(uri: str) -> None:
    """`uri` is an absolute https address (http on this machine alone) in its normal form. Raises UriRefused."""
    parts = _split(uri)
    if parts.scheme == "http" and _host(parts) not in _LOOPBACK:
        raise UriRefused("http is for this machine alone (localhost, 127.0.0.1, [::1]); use https.")
    if parts.scheme not in _DEFAULT_PORTS:
        raise UriRefused("Only https is possible here.")
    if not uri.startswith(f"{parts.scheme}://"):
        raise UriRefused("Its scheme is followed by // and a host.")
    _check_authority(parts)
    _check_path(parts.path)


def check_redirect(uri: str, *, is_public: bool) -> None:
    """`uri` is a web address; or, for a public client, one of a scheme that is an app's own. Raises UriRefused.

    Such a scheme is a domain name in reverse (RFC 8252 section 7.1): `com.example.app:/callback`.
    """
    scheme, separator, rest = uri.partition(":")
    if not is_public or not separator or not _REVERSE_DOMAIN.fullmatch(scheme):
        check_web(uri)
        return
    _split(uri)
    if not rest.startswith("/") or rest.startswith("//"):
        raise UriRefused("A scheme of an app's own is followed by one slash: com.example.app:/callback.")
    _check_path(rest.partition("?")[0])


def origin(uri: str) -> str:
    """Where `uri` leads, as a source of a Content-Security-Policy: `https://app.example`, `com.example.app:`.

    A host that is an IPv6 address cannot be named there (CSP 3, section 2.3.1), hence its scheme.
    """
    parts = urlsplit(uri)
    if not parts.netloc or "[" in parts.netloc:
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}"


def _split(uri: str) -> SplitResult:
    if len(uri) > LONGEST:
        raise UriRefused(f"It is longer than {LONGEST} characters.")
    if "#" in uri:
        raise UriRefused("It must not have a fragment.")
    if "*" in uri:
        raise UriRefused("Addresses are compared as they are; there are no wildcards.")
    if "@" in uri:
        raise UriRefused("It must not name a user.")
    if not _CHARACTERS.fullmatch(uri):
        raise UriRefused("It has a character that no address has, or one that is not encoded as %XX.")
    if _MISLEADING.search(uri):
        raise UriRefused("It encodes what has to stand as it is.")
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise UriRefused("It is no address.") from None
    if set("[]") & set(parts.path + parts.query):
        raise UriRefused("Brackets are for a host that is an IPv6 address.")
    if parts.geturl() != uri or parts.scheme != uri.partition(":")[0]:
        raise UriRefused("It is not in its normal form.")
    return parts


def _host(parts: SplitResult) -> str:
    """The host as it is written, an IPv6 address in its brackets."""
    if parts.netloc.startswith("["):
        return parts.netloc.partition("]")[0] + "]"
    return parts.netloc.partition(":")[0]


def _check_authority(parts: SplitResult) -> None:
    host = _host(parts)
    port = parts.netloc.removeprefix(host)
    if port and (
        not _PORT.fullmatch(port[1:]) or int(port[1:]) > 65535 or port[1:] == _DEFAULT_PORTS[parts.scheme]
    ):
        raise UriRefused("Its port is not in its normal form (the usual one is left out).")
    if host.startswith("[") or _NUMERIC.fullmatch(host):
        _check_ip(host)
    elif not _NAME.fullmatch(host) or len(host) > 253:
        raise UriRefused("Its host is no name in lower case (international names in their xn-- form).")


def _check_ip(host: str) -> None:
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        raise UriRefused("Its host is no address.") from None
    written = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    if written != host:
        raise UriRefused("Its host is not in its normal form.")


def _check_path(path: str) -> None:
    if "//" in path or any(segment in {".", ".."} for segment in path.split("/")):
        raise UriRefused("Its path has an empty, a `.` or a `..` segment.")
