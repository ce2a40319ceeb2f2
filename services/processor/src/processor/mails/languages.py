"""The languages of mails: gettext catalogues in `locale/`, one file each, read as they are (no compiling).

The templates' own texts are English. A new language is a new `.po` file.
"""

from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import get_locale_identifier, parse_locale
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locale"
SOURCE = "en"


@cache
def known_languages() -> frozenset[str]:
    return frozenset({SOURCE, *(path.stem for path in CATALOGUES.glob("*.po"))})


def choose(wanted: str) -> Locale:
    """The locale to write in for a BCP 47 tag: itself, its language without the region, or English."""
    try:
        language, territory, script, *_ = parse_locale(wanted, sep="-" if "-" in wanted else "_")
    except ValueError:
        return Locale(SOURCE)
    for parts in ((language, territory, script), (language, None, script), (language, None, None)):
        if (name := get_locale_identifier((*parts, None, None))) in known_languages():
            return Locale.parse(name)
    return Locale(SOURCE)


@cache
def catalogue(language: str) -> dict[str, str]:
    """English text to `language`; empty for English."""
    if language == SOURCE:
        return {}
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)
    return {
        str(message.id): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }


def translate(language: str, text: str) -> str:
    return catalogue(language).get(text, text)
