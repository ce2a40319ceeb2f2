"""The languages of pages: gettext catalogues, one `.po` file each, read as they are (no compiling).

The templates' own texts are English. A new language is a new file.
"""

import re
from collections.abc import Callable
from functools import cache, cached_property
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
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
        return {SOURCE: {}, **{tag: _texts(catalogue) for tag, catalogue in self._read.items()}}

    @cached_property
    def plurals(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """The same for texts that depend on a number: the English singular to every form that the language has."""
        return {tag: _plurals(catalogue) for tag, catalogue in self._read.items()}

    @cached_property
    def _read(self) -> dict[str, Catalog]:
        return {path.stem.replace("_", "-").lower(): _catalogue(path) for path in self._folder.glob("*.po")}

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

    def translate_count(self, language: str, one: str, many: str, count: int) -> str:
        """The form that `language` has for `count`: Arabic has six, by rules of its own (CLDR)."""
        forms = self.plurals.get(language, {}).get(one)
        if forms is None:
            return one if count == 1 else many
        return forms[_form(self._read[language].plural_expr)(count)]


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


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def _texts(catalogue: Catalog) -> dict[str, str]:
    return {
        message.id: str(message.string)
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string and not message.fuzzy
    }


def _plurals(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    return {
        message.id[0]: tuple(message.string)
        for message in catalogue
        if isinstance(message.id, tuple | list)
        and isinstance(message.string, tuple | list)
        and not message.fuzzy
    }


@cache
def _form(expression: str) -> Callable[[int], int]:
    """Which form a number takes, by the `Plural-Forms` of a catalogue."""
    return c2py(expression)
