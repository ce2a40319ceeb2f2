"""What mails are filled with, as data and never as anything else: one line each, of bounded length, and nothing that
a mail program would make a link of.

Mail programs make links of plain text (`evil.test` as well as `https://…`), and most of these values are chosen by
somebody else than the reader: by whoever registers their address, signs in to their account or looks after it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec
from babel import Locale
from babel.dates import format_datetime, get_datetime_format

_LONGEST_NAME = 60
_MOST_DIGITS_OF_A_NAME = 4
# Where a link could be read out of text: before a domain's last part (the dots are those that IDNA takes for one),
# after a scheme, in an address, and in a Windows share.
_LINKING = re.compile(
    r"[.\u2024\u3002\uff0e\uff61](?=[^\W\d_][^\s\x00-\x40])|(?<=[a-z]):(?=\S)|(?<=\S)@(?=\S)|\\(?=\\)",
    re.IGNORECASE,
)


class UnusableLetter(Exception):
    """The mail cannot be written from what was given. The message holds none of it."""


def clean(data: dict[str, str]) -> dict[str, str]:
    """The fields of `data` that mails know, each by its own rule; an empty link is none. Raises UnusableLetter."""
    return {
        field: rule(data[field])
        for field, rule in _RULES.items()
        if field in data and (data[field] or field != "link")
    }


def when(text: str, *, language: str) -> str:
    """An RFC 3339 time as the readers of `language` write it, to the minute and in UTC; anything else as it is."""
    try:
        at = msgspec.convert(text, datetime)
        if at.tzinfo is None:
            return text
        at = at.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):  # the second: at the calendar's edge
        return text
    locale = Locale.parse(language, sep="-")
    day, minute = locale.date_formats["long"].pattern, locale.time_formats["short"].pattern
    pattern = str(get_datetime_format("long", locale)).format(minute, day)
    return _line(format_datetime(at, f"{pattern} 'UTC'", locale=locale))


def _line(text: str) -> str:
    """`text` without line breaks and other control characters, those that turn the writing direction included."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(text: str, *, longest: int) -> str:
    """`text` on one line, with a space wherever a mail program could read a link: `evil. test`."""
    text = _LINKING.sub(lambda found: found[0] + " ", _line(text))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _name(name: str) -> str:
    """`name`, or nothing if it could pass for an advertisement: too long, a link, an address, a telephone number."""
    name = _line(name)
    advertises = "@" in name or _LINKING.search(name) or sum(map(str.isdigit, name)) > _MOST_DIGITS_OF_A_NAME
    return "" if advertises or len(name) > _LONGEST_NAME else name


def _ip(text: str) -> str:
    """An IP address, or nothing. One with a zone is none: a zone (RFC 4007) may hold any text."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    return "" if getattr(address, "scope_id", None) else str(address)


def _link(link: str) -> str:
    try:
        address = urlsplit(link)
    except ValueError:  # such as half an IPv6 address
        raise UnusableLetter("the link is not a web address") from None
    is_whole = link.isprintable() and " " not in link  # (no other space is printable)
    if address.scheme not in {"http", "https"} or not address.netloc or not is_whole:
        raise UnusableLetter("the link is not a web address")
    return link


_FORMATS = {"md": "Markdown", "txt": "TXT", "docx": "Word", "json": "JSON Resume"}
_NAMED_LIKE_THEMSELVES = frozenset({"pdf", "html", "yaml", "png"})


def _format(name: str) -> str:
    """What people call a file of this format, in any language; nothing for one that is not known."""
    return name.upper() if name in _NAMED_LIKE_THEMSELVES else _FORMATS.get(name, "")


_RULES: dict[str, Callable[[str], str]] = {
    "name": _name,
    "link": _link,
    "ip": _ip,
    "title": partial(_text, longest=200),
    "format": _format,
    "device": partial(_text, longest=80),
    "provider": partial(_text, longest=60),
    "reason": partial(_text, longest=300),
    "factor": partial(_text, longest=40),
    "at": partial(_text, longest=40),
    "until": partial(_text, longest=40),
}
