"""A source as a tree of which each value is either taken or reported: that nothing is lost needs no care.

An importer walks the source with `Reader`s. Whatever it asks for counts as taken; what is left in the end is named by
`left`, value by value, with its path.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from api.imports.problems import Unreadable, kind_of

Path = tuple[str | int, ...]

MOST_REPORTED = 500
"""Places that `left` names one by one."""
MOST_VALUES = 200_000
"""Objects, lists and scalars of a source; each is looked at several times, however small it is."""
_LONGEST_SHOWN = 100
_PLAIN_NAME = re.compile(r"[\w$@#:-]+")


class Left(msgspec.Struct, frozen=True):
    """A place of which nothing was taken. A `*` in `path` stands for several places with the same outcome."""

    path: str
    message: str


class Reader:
    """One value of a source and its place; readers of one source share what was taken of it."""

    __slots__ = ("_at", "_taken", "value")

    def __init__(self, value: Any, at: Path = (), taken: set[Path] | None = None) -> None:
        self.value = value
        self._at = at
        self._taken: set[Path] = set() if taken is None else taken

    @property
    def path(self) -> str:
        """The JSONPath of the place."""
        return written(self._at)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return str(self._at[-1]) if self._at else ""

    def __bool__(self) -> bool:
        return not is_blank(self.value)

    def get(self, *names: str) -> "Reader":
        """The member with the first of `names` that says something; a blank one if there is none."""
        members = self.value if isinstance(self.value, dict) else {}
        name = next((name for name in names if not is_blank(members.get(name))), names[0])
        return self._child(name, members.get(name))

    def members(self) -> list["Reader"]:
        """All members of an object, blank ones too."""
        members = self.value if isinstance(self.value, dict) else {}
        return [self._child(name, value) for name, value in members.items()]

    def all(self, *names: str) -> list["Reader"]:
        """What the member says: the elements of a list, or the one value (XML has no lists of one)."""
        found = self.get(*names) if names else self
        if isinstance(found.value, list):
            return [found._child(index, value) for index, value in enumerate(found.value)]
        return [found] if found else []

    def object(self, *names: str) -> "Reader":
        """The member, which has to be an object if it is there. Raises Unreadable."""
        found = self.get(*names) if names else self
        if found.value is not None and not isinstance(found.value, dict):
            raise Unreadable(found.path, f"Expected an object, found {kind_of(found.value)}.")
        return found

    def elements(self, *names: str) -> list["Reader"]:
        """The elements of the member, which has to be a list if it is there. Raises Unreadable."""
        found = self.get(*names) if names else self
        if found.value is not None and not isinstance(found.value, list):
            raise Unreadable(found.path, f"Expected a list, found {kind_of(found.value)}.")
        return found.all()

    def text(self, *names: str) -> str:
        """Takes a text or number, as text; anything else is not taken and gives an empty text."""
        found = self.get(*names) if names else self
        if isinstance(found.value, dict) and "#text" in found.value:
            found = found.get("#text")
        if isinstance(found.value, bool) or not isinstance(found.value, str | int | float | Decimal):
            return ""
        self._taken.add(found._at)
        return str(found.value).strip()

    def texts(self, *names: str) -> list[str]:
        """Takes the texts of a list, or the one text."""
        return [text for element in self.all(*names) if (text := element.text())]

    def flag(self, *names: str) -> bool | None:
        """Takes true or false (XML writes them as text); None if neither is there."""
        found = self.get(*names) if names else self
        said = {"true": True, "1": True, "false": False, "0": False}
        value = said.get(found.value.strip()) if isinstance(found.value, str) else found.value
        if not isinstance(value, bool):
            return None
        self._taken.add(found._at)
        return value

    def take(self) -> Any:
        """All that is here, as it is."""
        self._taken.update(at for at, _ in leaves(self.value, self._at))
        return self.value

    def rest(self, *without: str, nowhere: frozenset[str] = frozenset()) -> Any:
        """Takes all that was not yet taken here, without blanks, without the members `without`, and at any depth
        without members `nowhere` and attributes (`@name`), which tell a program about a text."""
        left = self._rest(self.value, self._at, nowhere.union(without), nowhere)
        return {} if left is None and isinstance(self.value, dict) else left

    def left(self, *anywhere: str) -> list[Left]:
        """What was not taken: each place below which nothing was. Places that differ in their index alone, or in the
        name of a member of one of `anywhere`, are named together."""
        found: dict[str, list[Any]] = {}
        for at, values in self._untouched(self.value, self._at):
            found.setdefault(written(_general(at, anywhere)), []).extend(values)
        named = [Left(path, _message(values)) for path, values in found.items()]
        if len(named) > MOST_REPORTED:
            rest = len(named) - MOST_REPORTED
            return [*named[:MOST_REPORTED], Left("$", f"Not imported: {rest} places more.")]
        return named

    @property
    def taken(self) -> int:
        """How many values of the source were taken so far."""
        return len(self._taken)

    def _child(self, name: str | int, value: Any) -> "Reader":
        return Reader(value, (*self._at, name), self._taken)

    def _rest(self, value: Any, at: Path, without: frozenset[str], nowhere: frozenset[str]) -> Any:
        if isinstance(value, dict):
            kept = (
                (name, self._rest(inner, (*at, name), nowhere, nowhere))
                for name, inner in value.items()
                if name not in without and name[:1] != "@"
            )
            return {name: inner for name, inner in kept if inner is not None} or None
        if isinstance(value, list):
            found = [self._rest(inner, (*at, index), nowhere, nowhere) for index, inner in enumerate(value)]
            return [inner for inner in found if inner is not None] or None
        if is_blank(value) or at in self._taken:
            return None
        self._taken.add(at)
        return value

    def _untouched(self, value: Any, at: Path) -> Iterator[tuple[Path, list[Any]]]:
        """The highest places below which nothing was taken, with their values."""
        all_here = list(leaves(value, at))
        left = [leaf for place, leaf in all_here if place not in self._taken]
        if not left:
            return
        if len(left) == len(all_here) and at:
            yield at, left
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield from self._untouched(inner, (*at, name))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from self._untouched(inner, (*at, index))


def require_few(value: Any) -> None:
    """Raise Unreadable if `value` consists of more than `MOST_VALUES`."""
    stack, count = [value], 1
    while stack:
        node = stack.pop()
        inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        count += len(inside)
        if count > MOST_VALUES:
            raise too_many()
        stack += inside


def too_many() -> Unreadable:
    return Unreadable("$", f"There are more than {MOST_VALUES:,} values.")


def is_blank(value: Any) -> bool:
    """Whether nothing is said: no value, an empty text, or containers of such. False and 0 are something."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return all(map(is_blank, value.values()))
    if isinstance(value, list):
        return all(map(is_blank, value))
    return value is None


def leaves(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every scalar that says something, with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*at, index))
    elif not is_blank(value):
        yield at, value


def written(at: Path) -> str:
    """A place as a JSONPath (RFC 9535)."""
    return "$" + "".join(map(_segment, at))


def _segment(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if part in ("*", "[*]"):
        return part if part == "[*]" else ".*"
    return f".{part}" if _PLAIN_NAME.fullmatch(part) else f'["{part[:_LONGEST_SHOWN]}"]'


def _general(at: Path, anywhere: tuple[str, ...]) -> Path:
    """`at` with wildcards for indices and for members of objects named in `anywhere`."""
    before: tuple[str | int, ...] = ("", *at[:-1])
    return tuple(
        "[*]" if isinstance(part, int) else "*" if parent in anywhere and len(at) > index + 1 else part
        for index, (parent, part) in enumerate(zip(before, at, strict=True))
    )


def _message(values: list[Any]) -> str:
    shown = str(values[0]).strip()
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    if len(values) == 1:
        return f"Not imported: {shown}"
    return f"Not imported: {len(values)} values, such as {shown}"
