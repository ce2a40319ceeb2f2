"""Reading an object field by field, knowing at the end which fields nobody asked for."""

from typing import Any

import msgspec
from markupsafe import Markup

from api.shares.reading import texts
from api.shares.reading.dates import month, period
from api.shares.reading.texts import Translate


class Fact(msgspec.Struct, frozen=True):
    """A short text with an optional label and an address that it leads to."""

    text: str
    label: str = ""
    href: str = ""


class Writing(msgspec.Struct, frozen=True):
    """The language of what is not the writer's own: dates in any language, words in those that we have."""

    language: str
    translate: Translate


class Fields:
    """One object. A reading takes the names that a field goes by, the schema's first."""

    def __init__(self, item: dict[str, Any], writing: Writing) -> None:
        self._left = dict(item)
        self._writing = writing

    def take(self, *names: str) -> Any:
        """The value of the first of these names that says something; others stay, unless they say the same."""
        found = [name for name in names if self._left.get(name) not in (None, "", [], {})]
        if not found:
            return None
        value = self._left[found[0]]
        for name in found:
            if self._left[name] == value:
                del self._left[name]
        return value

    def text(self, *names: str) -> str:
        return texts.one_line(self.take(*names), self._writing.translate)

    def many(self, *names: str) -> list[str]:
        """The items of a list, or the lines of a text, each on one line."""
        value = self.take(*names)
        items = value if isinstance(value, list) else [value]
        return [text for item in items if (text := texts.one_line(item, self._writing.translate))]

    def body(self, *names: str) -> list[Markup]:
        """Paragraphs."""
        return [block for text in self._written(*names) for block in texts.blocks(text)]

    def points(self, *names: str) -> list[Markup]:
        """Points of a list."""
        value = self._written(*names)
        if len(value) == 1 and "<" not in value[0]:
            value = texts.clean(value[0]).split("\n")
        return [point for text in value if (point := texts.inline(text)).striptags()]

    def links(self, label: str, *names: str) -> list[Fact]:
        return [Fact(texts.as_read(text), label, texts.target(text)) for text in self.many(*names)]

    def dates(self) -> str:
        language, translate = self._writing.language, self._writing.translate
        start, end = self.text("startDate", "start"), self.text("endDate", "end")
        single = [month(self.text(name), language) for name in ("date", "releaseDate", "issueDate")]
        run = period(start, end, language, present=translate("Present"))
        return translate(", ").join(filter(None, [run, *single]))

    def facts(self) -> list[Fact]:
        """What is left: nothing that is shown to be seen is lost because nobody knows its name."""
        translate = self._writing.translate
        told = [(name, texts.one_line(value, translate)) for name, value in self._left.items()]
        return [Fact(text, texts.humanised(name), texts.target(text)) for name, text in told if text]

    def left(self) -> dict[str, Any]:
        """The fields that nobody asked for."""
        return self._left

    def _written(self, *names: str) -> list[str]:
        """Texts as they were written, so that their HTML can be looked at."""
        value, translate = self.take(*names), self._writing.translate
        items = value if isinstance(value, list) else [value]
        return [
            texts.one_line(item, translate)
            if isinstance(item, dict | list)
            else texts.scalar(item, translate)
            for item in items
        ]
