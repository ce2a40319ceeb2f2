"""What differs between two JSON values, member by member and entry by entry.

Places are JSON Pointers (RFC 6901). An entry of a list is named by its place after the change; one that was removed,
and the origin of one that moved, by its place before.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from api.contents import codec, likeness
from api.versions.diffs.lists import align, gaps

Op = Literal["add", "remove", "change", "move"]

_COMPARED_AT_MOST = 2500
"""Pairs of entries, gone and come, that are compared to find which became which."""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    op: Op
    path: str
    from_path: str | None = None
    before: Any = UNSET
    after: Any = UNSET


def between(before: Any, after: Any, path: str = "") -> Iterator[Edit]:
    """All edits that make `after` of `before`; none if they are the same JSON."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _objects(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif codec.canonical(before) != codec.canonical(after):  # Python takes 1, 1.0 and True for equal
        yield Edit(op="change", path=path, before=before, after=after)


def pointer(*tokens: str) -> str:
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def tokens(path: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]


def _objects(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Edit]:
    for name in sorted(before.keys() | after.keys()):
        inner = path + pointer(name)
        if name not in after:
            yield Edit(op="remove", path=inner, before=before[name])
        elif name not in before:
            yield Edit(op="add", path=inner, after=after[name])
        else:
            yield from between(before[name], after[name], inner)


def _lists(before: list[Any], after: list[Any], path: str) -> Iterator[Edit]:
    olds, news = [codec.canonical(value) for value in before], [codec.canonical(value) for value in after]
    alignment = align(olds, news)
    changed = {new: old for gap in gaps(alignment) for old, new in _paired(olds, news, *gap)}
    gone = set(alignment.removed) - set(changed.values())
    for old in sorted(gone):
        yield Edit(op="remove", path=f"{path}/{old}", before=before[old])
    for old, new in alignment.moved:
        yield Edit(op="move", path=f"{path}/{new}", from_path=f"{path}/{old}")
    for new in alignment.added:
        if new in changed:
            yield from between(before[changed[new]], after[new], f"{path}/{new}")
        else:
            yield Edit(op="add", path=f"{path}/{new}", after=after[new])


def _paired(
    olds: Sequence[bytes], news: Sequence[bytes], gone: list[int], come: list[int]
) -> Iterator[tuple[int, int]]:
    """Of entries that went and came between the same neighbours, in order, which became which."""
    if len(gone) == len(come) or len(gone) * len(come) > _COMPARED_AT_MOST:
        yield from zip(gone, come, strict=False)
        return
    says = {new: likeness.said(news[new].decode()) for new in come}
    left = list(come)
    for old in gone:
        mine = likeness.said(olds[old].decode())
        alike = (place for place, new in enumerate(left) if likeness.share(mine, says[new]) >= likeness.ALIKE)
        found = next(alike, None)
        if found is not None:
            yield old, left[found]
            del left[: found + 1]
