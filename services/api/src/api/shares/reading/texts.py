"""Any JSON value as words on a page. What looks like HTML is let through as far as it is harmless (SECURITY 25)."""

import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup, escape

from api.imports import prose

Translate = Callable[[str], str]
"""An English text in the language of the page."""

_TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "sub",
    "sup",
    "ul",
    "ol",
    "li",
    "a",
    "code",
    "blockquote",
}
_NO_WORDS = {
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "title",
    "textarea",
}
# The elements of HTML, and no other words between such brackets: those are the writer's own.
_LOOKS_LIKE_HTML = re.compile(
    r"<!--|</?(?:a|abbr|article|audio|b|base|blockquote|body|br|button|code|dd|div|dl|dt|em|embed|font|form|h[1-6]|head|"
    r"hr|html|i|iframe|img|input|li|link|math|meta|noscript|object|ol|option|p|pre|s|script|section|select|small|span|"
    r"strike|strong|style|sub|sup|svg|table|tbody|td|template|textarea|th|thead|title|tr|u|ul|video)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
# Controls, zero-width spaces, and what turns the direction of all that follows; joiners and marks stay, scripts and
# emoji need them. Lone surrogates are in no document.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u202a-\u202e\ufeff\ufff0-\ufffb\ufffe\uffff]"
)
# Seen from where the white space begins, and once: a run of it without any break is not searched from each of its places.
_BREAKS = re.compile(r"(?<!\s)[^\S\n\u2028\u2029]*+[\n\u2028\u2029]\s*")
_SPACES = re.compile(r"[ \t]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W_]+|\w")
_FILE = re.compile(r"data:[\w.+-]+/[\w.+-]+[;,]", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}(?:[/?#][^\s<>\"'`\\]*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s<>\"'`\\:/?#]+@[^@\s<>\"'`\\:/?#]+\.[^@\s<>\"'`\\:/?#]+")
_HARMLESS = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_LONGEST_LINK = 2000
_LONGEST_HTML, _MOST_TAGS, _MOST_OPENING = 100_000, 1000, 500
"""HTML beyond is read as plain text: to read tags that are nested takes a time that grows with their square."""


def clean(written: str) -> str:
    """Text without what cannot be shown; spaces are single, and so are line breaks. Embedded files are no text."""
    if _FILE.match(written):
        return ""
    return _BREAKS.sub("\n", _SPACES.sub(" ", _INVISIBLE.sub("", written.replace("\r", "\n")))).strip()


def line(written: str) -> str:
    """Text on one line, without any tags."""
    text = clean(written)
    if _is_large(text):
        text = _plain(text)
    elif _LOOKS_LIKE_HTML.search(text):
        text = html.unescape(nh3.clean(text, tags=set(), clean_content_tags=_NO_WORDS))
    return clean(text).replace("\n", " ")


def blocks(written: str) -> list[Markup]:
    """Text as paragraphs: one for each line that was written, or what is harmless of its HTML."""
    text = clean(written)
    if _is_large(text):
        text = _plain(text)
    elif _LOOKS_LIKE_HTML.search(text):
        marked = harmless(text)
        return [Markup('<div class="rich">{}</div>').format(marked)] if marked.striptags() else []
    return [Markup("<p>{}</p>").format(escape(part)) for part in text.split("\n") if part]


def inline(written: str) -> Markup:
    """Text for a point of a list: with what is harmless of its HTML."""
    text = clean(written)
    return harmless(text) if _LOOKS_LIKE_HTML.search(text) else escape(text)


def harmless(text: str) -> Markup:
    """The words of HTML with their emphasis, lists and links, and nothing that runs, loads or looks like ours.

    Of very much HTML only the words.
    """
    if _is_large(text):
        return escape(_plain(text))
    kept = nh3.clean(
        text,
        tags=_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=lambda _tag, name, value: value if name == "rel" or _HARMLESS.match(value) else None,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow",
        clean_content_tags=_NO_WORDS,
    )
    return Markup(kept)  # noqa: S704 (what nh3 leaves is what may be shown)


def scalar(value: object, translate: Translate) -> str:
    if isinstance(value, bool):
        return translate("Yes") if value else translate("No")
    return "" if value is None else value if isinstance(value, str) else str(value)


def leaves(value: object, translate: Translate) -> Iterator[tuple[str, str]]:
    """Every text inside a value, in order, with the name of its field. Without recursion: documents may be deep."""
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        name, node = stack.pop()
        if isinstance(node, dict):
            stack.extend((str(key), child) for key, child in reversed(node.items()))
        elif isinstance(node, list):
            stack.extend((name, child) for child in reversed(node))
        elif text := line(scalar(node, translate)):
            yield name, text


def one_line(value: object, translate: Translate) -> str:
    """Any value on one line: lists with commas, objects as `Name: text`."""
    if not isinstance(value, dict | list):
        return line(scalar(value, translate))
    return translate(", ").join(
        f"{humanised(name)}: {text}" if name else text for name, text in leaves(value, translate)
    )


def humanised(name: str) -> str:
    """`yearsOfExperience` and `years_of_experience` as `Years of experience`."""
    words = _WORDS.findall(clean(name))
    if not words:
        return line(name)
    first, *rest = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    return " ".join([first[:1].upper() + first[1:], *rest])


def target(text: str) -> str:
    """Where a text leads: an address on the web (also without its scheme) or an e-mail address; "" for all else."""
    if len(text) > _LONGEST_LINK:
        return ""
    if _WEB.fullmatch(text):
        return text if _is_url(text) else ""
    if _EMAIL.fullmatch(text):
        return f"mailto:{text}"
    return f"https://{text}" if _HOST.fullmatch(text) and _is_url(f"https://{text}") else ""


def phone_target(text: str) -> str:
    """A `tel:` address (RFC 3966) for what looks like a telephone number."""
    digits = re.sub(r"[\s().\-/\u00a0\u200e\u200f]", "", text)
    return f"tel:{digits}" if re.fullmatch(r"\+?[0-9]{3,20}", digits) else ""


def as_read(text: str) -> str:
    """An address on the web as people write it: without scheme and closing slash."""
    return re.sub(r"^https?://(?:www\.)?", "", text, flags=re.IGNORECASE).removesuffix("/") or text


def _is_large(text: str) -> bool:
    """Whether `text` has HTML, and more of it than is read as such."""
    tags = text.count("<")
    is_much = len(text) > _LONGEST_HTML or tags > _MOST_TAGS or tags - text.count("</") > _MOST_OPENING
    return is_much and tags > 0 and _LOOKS_LIKE_HTML.search(text) is not None


def _plain(text: str) -> str:
    """The words of HTML, in lines; a link by its address. In a time that grows with the text."""
    return clean(prose.text(text))


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False
