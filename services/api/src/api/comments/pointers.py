"""JSON Pointers (RFC 6901) into an entry: reading and replacing a value, however deep."""

from typing import Any

from msgspec import UNSET, UnsetType

PATTERN = r"^(?:/(?:[^~/\x00-\x1f\x7f]|~[01])*)*$(?!\n)"


class Unreachable(Exception):
    """What the pointer leads through is not there."""


def tokens(pointer: str) -> list[str]:
    """The member names and indexes on the way; none for the whole entry."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def value_at(entry: Any, pointer: str) -> Any | UnsetType:
    """The value, or UNSET if there is none."""
    for step in tokens(pointer):
        entry = _child(entry, step)
    return entry


def replaced(entry: Any, pointer: str, value: Any) -> Any:
    """A copy of `entry` with `value` there: in the place of another one, or as a new member of an object.

    Raises Unreachable.
    """
    way = tokens(pointer)
    if not way:
        return value
    return _replaced(entry, way, value)


def _replaced(entry: Any, way: list[str], value: Any) -> Any:
    first, rest = way[0], way[1:]
    if isinstance(entry, dict):
        if rest and first not in entry:
            raise Unreachable
        return entry | {first: _replaced(entry[first], rest, value) if rest else value}
    index = _index(entry, first)
    if index is None:
        raise Unreachable
    inner = _replaced(entry[index], rest, value) if rest else value
    return [*entry[:index], inner, *entry[index + 1 :]]


def _child(entry: Any, step: str) -> Any | UnsetType:
    if isinstance(entry, dict):
        return entry.get(step, UNSET)
    index = _index(entry, step)
    return UNSET if index is None else entry[index]


def _index(entry: Any, step: str) -> int | None:
    """The place in a list that a step names; as RFC 6901 writes them, so `01` is none."""
    is_number = step.isascii() and step.isdigit() and (step == "0" or not step.startswith("0"))
    if not isinstance(entry, list) or not is_number or len(step) > 9:
        return None
    index = int(step)
    return index if index < len(entry) else None
