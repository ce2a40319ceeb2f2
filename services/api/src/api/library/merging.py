"""The wording of a library item and that of its use brought together: a three-way merge of whole fields.

The fields of an entry are its members; an entry that is no object is one field, `$`. Values are compared as JSON, so
the order of members within a field is no difference, but `1` and `1.0` are two.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from api.contents import codec

WHOLE = "$"
"""The name of the one field of an entry that is no object."""


class FieldChange(msgspec.Struct, frozen=True):
    """How a field read before and after; absent: UNSET."""

    name: str
    before: Any = msgspec.UNSET
    after: Any = msgspec.UNSET


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """The fields in which two texts differ, by who changed them since both said the same."""

    theirs: list[str]
    ours: list[str]
    both: list[str]
    are_objects: bool


def same(one: str, other: str) -> bool:
    """Whether two JSON texts say the same."""
    return one == other or codec.canonical(codec.decode(one)) == codec.canonical(codec.decode(other))


def differences(before: str, after: str) -> list[FieldChange]:
    """The fields that read differently, in the order of `before`, then of `after`."""
    if before == after:
        return []
    old, new = _fields(before, after)
    return [
        FieldChange(name, old.get(name, msgspec.UNSET), new.get(name, msgspec.UNSET))
        for name in _names(old, new)
        if not _equal(old, new, name)
    ]


def overrides(base: str, data: str) -> list[str]:
    """The names of the fields that `data` words in its own way."""
    return [change.name for change in differences(base, data)]


def compare(*, base: str, theirs: str, ours: str) -> Sides:
    """Who changed what since both said `base`. What both changed in the same way is no difference."""
    old, their, our = _fields(base, theirs, ours)
    sides = Sides(theirs=[], ours=[], both=[], are_objects=_are_objects(base, theirs, ours))
    for name in _names(our, their, old):
        if _equal(our, their, name):
            continue
        if _equal(our, old, name):
            sides.theirs.append(name)
        elif _equal(their, old, name):
            sides.ours.append(name)
        else:
            sides.both.append(name)
    return sides


def take(ours: str, theirs: str, names: Collection[str], *, sides: Sides) -> str:
    """`ours` with the fields `names` as `theirs` has them; those that it lacks are taken out."""
    if not names:
        return ours
    if not sides.are_objects:
        return theirs
    mine, its = codec.decode(ours), codec.decode(theirs)
    for name in names:
        if name in its:
            mine[name] = its[name]
        else:
            mine.pop(name, None)
    return codec.encode(mine).decode()


def merge(*, base: str, theirs: str, ours: str) -> str:
    """`ours` with what `theirs` alone changed since both said `base`; a field that both changed stays ours."""
    sides = compare(base=base, theirs=theirs, ours=ours)
    return take(ours, theirs, sides.theirs, sides=sides)


def _fields(*texts: str) -> list[Mapping[str, Any]]:
    """The fields of each text: of objects their members, unless one of the texts is no object."""
    values = [codec.decode(text) for text in texts]
    return values if _are_objects(*texts) else [{WHOLE: value} for value in values]


def _are_objects(*texts: str) -> bool:
    return all(text.startswith("{") for text in texts)


def _names(*entries: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for entry in entries for name in entry))


def _equal(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    if name not in one or name not in other:
        return (name in one) == (name in other)
    return codec.canonical(one[name]) == codec.canonical(other[name])
