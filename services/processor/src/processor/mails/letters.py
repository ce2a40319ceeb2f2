"""What a mail says: a folder of `templates/` with its subject, its text and its HTML, filled and translated.

The text part stands on its own. HTML is autoescaped; a name that could pass for an advertisement is left out, because
whoever registers somebody else's address chooses the name that the mail greets.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from jinja2 import (
    Environment,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    select_autoescape,
)

from common.ui.languages import Languages, direction

PRODUCT = "resuMAX"
LANGUAGES = Languages(Path(__file__).parent / "locale")
_LINK_LIKE = re.compile(r"://|@|www\.|\w\.[a-z]{2,}", re.IGNORECASE)
_LONGEST_NAME = 60
_TEMPLATE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class UnusableLetter(Exception):
    """The mail cannot be written from what was given. The message holds none of it."""


class Letter(msgspec.Struct, frozen=True):
    subject: str
    text: str
    html: str
    language: str


def write(template: str, *, locale: str, data: dict[str, str]) -> Letter:
    """Fill the mail template in the language that is nearest to `locale`. Raises UnusableLetter."""
    language = LANGUAGES.choose(locale.replace("_", "-"))
    values = {
        **{key: _line(value) for key, value in data.items()},
        "name": _name(data.get("name", "")),
        "product": PRODUCT,
        "language": language,
        "direction": direction(language),
    }
    if "link" in data:
        values["link"] = _link(data["link"])
    if not _TEMPLATE.fullmatch(template):
        raise UnusableLetter("the name of the template is not one")
    try:
        subject = _fill(language, f"{template}/subject.txt", values)
        values["subject"] = " ".join(subject.split())
        return Letter(
            subject=values["subject"],
            text=_fill(language, f"{template}/body.txt", values).strip() + "\n",
            html=_fill(language, f"{template}/body.html", values),
            language=language,
        )
    except TemplateNotFound:
        raise UnusableLetter(f"there is no template {template}") from None
    except TemplateError as error:
        raise UnusableLetter(f"template {template} cannot be filled ({type(error).__name__})") from None


def _fill(language: str, name: str, values: dict[str, Any]) -> str:
    return _environment(language).get_template(name).render(values)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("processor.mails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # (the extension adds it)
        lambda text: LANGUAGES.translate(language, text),
        lambda one, many, count: LANGUAGES.translate(language, one if count == 1 else many),
        newstyle=True,
    )
    return environment


def _line(text: str) -> str:
    """`text` without line breaks and other control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _name(name: str) -> str:
    name = _line(name)
    return "" if len(name) > _LONGEST_NAME or _LINK_LIKE.search(name) else name


def _link(link: str) -> str:
    address = urlsplit(link)
    if address.scheme not in {"http", "https"} or not address.netloc or re.search(r"\s", link):
        raise UnusableLetter("the link is not a web address")
    return link
