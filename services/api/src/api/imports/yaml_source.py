"""YAML as a tree of plain values, read event by event so that nothing of it can surprise.

Like YAML 1.2 a plain `yes` is text and a date stays as it was written. Anchors, aliases, tags, several documents and
members of one name are refused: a resume needs none of them, and each hides something.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from api.contents.codec import MAX_DEPTH
from api.imports.problems import Unreadable
from api.imports.reading import MOST_VALUES, too_many

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,999})")
_FRACTION = re.compile(r"-?(?:0|[1-9]\d{0,16})\.\d{1,24}(?:e[+-]\d{2,3})?")
_WORDS = {"true": True, "True": True, "false": False, "False": False}
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
# Without libyaml the same in Python, a hundred times slower.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Event = Any


def read(text: str) -> Any:
    """The value of a YAML document. Raises Unreadable with the line."""
    try:
        return _document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        raise _unreadable(place, str(error.problem or error.context)) from error
    except (yaml.YAMLError, ValueError) as error:  # characters that YAML does not allow
        raise Unreadable("$", f"Not YAML: {str(error).splitlines()[0]}") from error


def _unreadable(mark: Any, message: str) -> Unreadable:
    line = f"line {mark.line + 1}" if mark is not None else "$"
    return Unreadable(line, f"Not YAML that can be read: {message}.")


def _document(events: Iterator[Event]) -> Any:
    builder = _Builder()
    for event in events:
        builder.see(event)
    return builder.value


class _Builder:
    """Puts a value together from events, without recursion."""

    def __init__(self) -> None:
        self.value: Any = None
        self._open: list[Any] = []
        self._names: list[str | None] = []
        self._documents = self._values = 0

    def see(self, event: Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._names.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise _unreadable(event.start_mark, "aliases are not allowed")
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _unreadable(event.start_mark, "expected one document, found another")

    def _start(self, event: Event) -> None:
        self._refuse_marks(event)
        if len(self._open) >= MAX_DEPTH:
            raise _unreadable(event.start_mark, f"nested deeper than {MAX_DEPTH} levels")
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        if self._wants_name():
            raise _unreadable(event.start_mark, "the name of a member has to be text")
        self._put(value)
        self._open.append(value)
        self._names.append(None)

    def _scalar(self, event: Event) -> None:
        self._refuse_marks(event)
        if not self._wants_name():
            self._put(_scalar(event.value) if event.implicit[0] else event.value)
        elif event.value in self._open[-1]:
            raise _unreadable(event.start_mark, f"the member {event.value[:100]!r} is there twice")
        else:
            self._names[-1] = event.value

    def _wants_name(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], dict) and self._names[-1] is None

    def _put(self, value: Any) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise too_many()
        if not self._open:
            self.value = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            self._open[-1][self._names[-1]] = value
            self._names[-1] = None

    @staticmethod
    def _refuse_marks(event: Event) -> None:
        if event.anchor is not None:
            raise _unreadable(event.start_mark, "anchors are not allowed")
        if event.tag is not None and event.tag != "!":
            raise _unreadable(event.start_mark, "tags are not allowed")


def _scalar(written: str) -> Any:
    """A plain scalar: a number only where it is written as we would write it (`007` and `+49 30` are text)."""
    if written in _NOTHING:
        return None
    if written in _WORDS:
        return _WORDS[written]
    if _INTEGER.fullmatch(written) and written != "-0":
        return int(written)
    if _FRACTION.fullmatch(written) and _as_we_write_it(float(written)) == written:
        return float(written)
    return written


def _as_we_write_it(number: float) -> str:
    """YAML 1.1 asks for a point in every number that is not whole: `1.0e+16`."""
    text = repr(number)
    return text if "." in text else text.replace("e", ".0e")
