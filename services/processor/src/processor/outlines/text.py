"""Turning any JSON value into text that can be shown, without losing a word of it."""

import re
from collections.abc import Iterator

from processor.outlines.labels import Labels

# Not to be seen and no part of a word: C0 and C1 controls, soft hyphen, zero-width space, byte order mark, lone
# surrogates and noncharacters, and what turns the direction of all that follows (embeddings, overrides, isolates: UAX 9).
# Zero-width joiners and direction marks stay: scripts and emoji need them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2066-\u2069\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]"
)
# Seen from where the white space begins, and once: a run of it without any break is not searched from each of its places.
_LINE_BREAK = re.compile(r"(?<!\s)[^\S\n\x0b\x0c\r\x85\u2028\u2029]*+[\n\x0b\x0c\r\x85\u2028\u2029]\s*")
_SPACES = re.compile(r"[ \t]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W_]+|\w")
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_SCHEME = re.compile(r"\A(?:https?://)?(?:www\.(?=[^/]))?", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}(?:[/?#]\S*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+(;[\w.+=-]+)*,\S*\Z")  # RFC 2397, with its type spelled out
_LONGEST_LINK = 2000


def clean(written: str) -> str:
    """Text without what cannot be shown; runs of spaces become one, line breaks become a single newline."""
    if len(written) > 200 and _DATA_URI.match(written):
        return ""  # an embedded file, not words
    if written.isprintable() and "  " not in written:  # nearly all are: then it has none of all that
        return written.strip()
    return _LINE_BREAK.sub("\n", _SPACES.sub(" ", _INVISIBLE.sub("", written))).strip()


def scalar(value: object, labels: Labels) -> str:
    """A string, number, boolean or null as text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return labels["yes"] if value else labels["no"]
    return "" if value is None else str(value)


def leaves(value: object, labels: Labels) -> Iterator[tuple[str, str]]:
    """Every non-empty scalar inside a value, in order, with the name of the field that holds it.

    Walks with a stack of its own: a document may be nested deeper than Python's call stack.
    """
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        name, node = stack.pop()
        if isinstance(node, dict):
            stack.extend((str(key), child) for key, child in reversed(node.items()))
        elif isinstance(node, list | tuple):
            stack.extend((name, child) for child in reversed(node))
        elif text := scalar(node, labels):
            yield name, text


def one_text(value: object, labels: Labels) -> str:
    """Any value as one line: lists joined by the language's comma, fields of objects as `Name: text`."""
    if not isinstance(value, dict | list | tuple):
        return scalar(value, labels).replace("\n", " ")
    parts = (f"{humanise(name)}: {text}" if name else text for name, text in leaves(value, labels))
    return labels["comma"].join(parts).replace("\n", " ")


def many_texts(value: object, labels: Labels) -> list[str]:
    """Any value as a list of lines: the items of a list, the lines of a text."""
    if isinstance(value, list | tuple):
        return [text for item in value if (text := one_text(item, labels))]
    if isinstance(value, dict):
        return [text for text in [one_text(value, labels)] if text]
    return [line for line in scalar(value, labels).split("\n") if line]


def paragraphs(value: object, labels: Labels) -> list[str]:
    """Any value as paragraphs: one for each line that was written."""
    if isinstance(value, list | tuple):
        return [line for item in value for line in many_texts(item, labels)]
    return many_texts(value, labels)


def humanise(name: str) -> str:
    """The name of a field as a label: `yearsOfExperience` and `years_of_experience` become `Years of experience`."""
    words = _WORDS.findall(clean(name))
    if not words:
        return clean(name)
    first, *rest = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    return " ".join([first[:1].upper() + first[1:], *rest])


def link_target(text: str) -> str:
    """Where a text leads when clicked: web addresses (with or without scheme) and e-mail addresses, else nowhere.

    Only http, https and mailto come out, whatever the text says.
    """
    if len(text) > _LONGEST_LINK:
        return ""
    if _WEB.fullmatch(text):
        return text
    if _EMAIL.fullmatch(text):
        return f"mailto:{text}"
    return f"https://{text}" if _BARE_HOST.fullmatch(text) else ""


def short_address(text: str) -> str:
    """An address on the web without scheme, `www.` and a last slash: what a person would say it is."""
    short = _SCHEME.sub("", text)
    return short.removesuffix("/") or text


def phone_target(text: str) -> str:
    """A `tel:` link (RFC 3966) for what looks like a telephone number, else nowhere."""
    digits = re.sub(r"[\s().\-/\u00a0]", "", text)
    return f"tel:{digits}" if re.fullmatch(r"\+?\d{3,20}", digits) else ""
