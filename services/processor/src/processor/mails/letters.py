"""What a mail says: a folder of `templates/` with its subject, its text and its HTML, filled and translated.

The text part stands on its own. HTML is autoescaped, and everything that is filled in went through `values` before.
"""

import re
from functools import cache, partial
from pathlib import Path
from typing import Any

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
from processor.mails.values import UnusableLetter, clean, when

PRODUCT = "resuMAX"
LANGUAGES = Languages(Path(__file__).parent / "locale")
_TEMPLATE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Letter(msgspec.Struct, frozen=True):
    subject: str
    text: str
    html: str
    language: str


def language_of(locale: str) -> str:
    """The language of mails that is nearest to `locale`."""
    return LANGUAGES.choose(locale.replace("_", "-"))


def write(template: str, *, locale: str, data: dict[str, str], unsubscribe: str = "") -> Letter:
    """Fill the mail template in the language that is nearest to `locale`; at its end is a link to `unsubscribe`, if there
    is one. Raises UnusableLetter."""
    language = language_of(locale)
    values = {
        "name": "",
        "format": "",
        **clean(data),
        "language": language,
        "direction": direction(language),
        "unsubscribe": unsubscribe,
    }
    if not _TEMPLATE.fullmatch(template):
        raise UnusableLetter("the name of the template is not one")
    try:
        subject = _fill(language, f"{template}/subject.txt", values)
        values["subject"] = " ".join(subject.split())
        return Letter(
            subject=values["subject"],
            text=_spaced(_fill(language, f"{template}/body.txt", values)),
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
    environment.filters["when"] = partial(when, language=language)
    return environment


def _spaced(text: str) -> str:
    """`text` with one empty line between paragraphs, whatever the templates leave out."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
