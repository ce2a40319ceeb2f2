"""The languages of pages: gettext catalogues, one `.po` file each, read as they are (no compiling).

The templates' own texts are English. A new language is a new file.
"""

import re
from functools import cached_property
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

SOURCE = "en"
_LOOKED_AT = 20
_RANGE = re.compile(r"\s*(?P<tag>[A-Za-z0-9-]+)\s*(?:;\s*q\s*=\s*(?P<weight>[01](?:\.\d{0,3})?)\s*)?")


class Languages:
    """English, and every language that has a catalogue in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def catalogues(self) -> dict[str, dict[str, str]]:
        """By the language's tag, in lower case: English text to its own."""
        read = {path.stem.replace("_", "-").lower(): _catalogue(path) for path in self._folder.glob("*.po")}
        return {SOURCE: {}, **read}

    @cached_property
    def names(self) -> dict[str, str]:
        """By the language's tag: what it calls itself."""
        return {tag: _own_name(tag) for tag in sorted(self.catalogues)}

    def choose(self, accept_language: str) -> str:
        """The language that an `Accept-Language` asks for: the lookup of RFC 4647 section 3.4, else English."""
        for tag in _by_weight(accept_language):
            parts = tag.split("-")
            for length in range(len(parts), 0, -1):
                if (found := "-".join(parts[:length])) in self.catalogues:
                    return found
        return SOURCE

    def translate(self, language: str, text: str) -> str:
        return self.catalogues[language].get(text, text)


def direction(language: str) -> str:
    """`ltr` or `rtl`, for the attribute `dir`."""
    return "rtl" if Locale.parse(language, sep="-").character_order == "right-to-left" else "ltr"


def _own_name(language: str) -> str:
    name = Locale.parse(language, sep="-").get_display_name() or language
    return name[0].upper() + name[1:]


def _by_weight(accept_language: str) -> list[str]:
    """The tags of the header, the most wanted first; what cannot be read or is not wanted (`q=0`) is left out."""
    ranges = [_RANGE.fullmatch(part) for part in accept_language.split(",")[:_LOOKED_AT]]
    weighted = [(float(found["weight"] or 1), found["tag"].lower()) for found in ranges if found]
    return [tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0]


def _catalogue(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        messages = read_po(file, locale=path.stem, abort_invalid=True)
    return {
        str(message.id): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }
