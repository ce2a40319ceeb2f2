"""Reading an object of a resume field by field, knowing at the end which fields nobody asked for."""

from collections.abc import Iterator
from typing import Any

from processor.outlines.labels import Labels
from processor.outlines.outline import Detail
from processor.outlines.text import (
    clean,
    humanise,
    link_target,
    many_texts,
    one_text,
    paragraphs,
    short_address,
)


def is_empty(value: object) -> bool:
    """Whether there is nothing to show. False and 0 are something."""
    if isinstance(value, str):
        return not clean(value)
    return value is None or value == [] or value == {}


class Fields:
    """One object. Each reading takes a field's names, newest first: schema 1.3.1's, then what older files call it.

    When several of them are there, the first is taken; others stay for `facts`, unless they say the same.
    """

    def __init__(self, item: dict[str, Any], labels: Labels) -> None:
        self._left = {str(name): value for name, value in item.items() if not is_empty(value)}
        self._labels = labels

    def take(self, *names: str) -> Any:
        """The raw value of the first of these names that is there, or None."""
        found = [name for name in names if name in self._left]
        if not found:
            return None
        value = self._left[found[0]]
        for name in found:
            if self._left[name] == value:
                del self._left[name]
        return value

    def text(self, *names: str) -> str:
        return one_text(self.take(*names), self._labels)

    def texts(self, *names: str) -> list[str]:
        return many_texts(self.take(*names), self._labels)

    def paragraphs(self, *names: str) -> list[str]:
        return paragraphs(self.take(*names), self._labels)

    def links(self, label: str, kind: str, *names: str) -> list[Detail]:
        """Addresses on the web, each shown as it was written."""
        return [
            Detail(text, label, link_target(text), kind, short_address(text) if kind == "url" else "")
            for text in self.texts(*names)
        ]

    def facts(self) -> list[Detail]:
        """What is left, as labelled text: unknown fields must not be lost."""
        return list(self._facts())

    def _facts(self) -> Iterator[Detail]:
        for name, value in self._left.items():
            if text := one_text(value, self._labels):
                yield Detail(text, humanise(name), link_target(text), "fact")
