"""Suggested edits: what was there, what is to be there instead, and what comes of it now."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from api.comments import pointers
from api.comments.schemas import Anchor, SuggestionCreate
from api.contents import codec
from api.sections.schemas import ItemUpdate
from common.problems import FieldError, Problem

LARGEST = 20_000
"""Bytes of JSON that a suggestion may take, with what it was made against: it is no way to store things."""


class SuggestionUnclear(Problem):
    status, code, title = 422, "SUGGESTION_UNCLEAR", "The suggestion does not say what it would change"


class SuggestionTooLarge(Problem):
    status, code, title = 422, "SUGGESTION_TOO_LARGE", "The suggestion is too large"


class SuggestionOutdated(Problem):
    """`errors` holds for each field what it says now, and what it said when the suggestion was made."""

    status, code, title = (
        409,
        "SUGGESTION_OUTDATED",
        "What the suggestion would change says something else by now",
    )


class Edit(msgspec.Struct, frozen=True):
    """One value: where, what was there (None: nothing) and what is to be there; JSON texts."""

    path: str
    base: str | None
    replacement: str


class Suggestion(msgspec.Struct, frozen=True):
    edits: list[Edit]


def make(data: SuggestionCreate, anchor: Anchor, entry: Any) -> Suggestion:
    """What `data` would change of `entry`. Raises SuggestionUnclear, SuggestionTooLarge."""
    wanted = _wanted(data, anchor)
    if anchor.target == "basics" and "" in wanted:
        raise _unclear("$.suggestion.path", "Of the basics single fields can be changed: name one.")
    edits = [_edit(entry, path, value) for path, value in wanted.items()]
    suggestion = Suggestion(edits)
    if len(stored(suggestion)) > LARGEST:
        raise SuggestionTooLarge(f"At most {LARGEST:,} bytes of JSON, with what is there now.")
    return suggestion


def _wanted(data: SuggestionCreate, anchor: Anchor) -> dict[str, Any]:
    """The new value of each pointer."""
    if anchor.target not in {"item", "basics"}:
        raise _unclear("$.suggestion", "Edits are suggested of an item or of the basics.")
    if data.fields is not UNSET:
        if data.replacement is not UNSET or data.path is not UNSET:
            raise _unclear("$.suggestion.fields", "Give `fields`, or `replacement`, not both.")
        return {
            f"/{name.replace('~', '~0').replace('/', '~1')}": value for name, value in data.fields.items()
        }
    if data.replacement is UNSET:
        raise _unclear("$.suggestion", "Give `replacement` or `fields`.")
    path = data.path if data.path is not UNSET else anchor.path
    if path is None:
        raise _unclear("$.suggestion.path", "Say where: the path of a field, or `` for the whole item.")
    return {path: data.replacement}


def _edit(entry: Any, path: str, value: Any) -> Edit:
    try:
        pointers.replaced(entry, path, value)
    except pointers.Unreachable:
        raise _unclear("$.suggestion.path", f"There is nothing at {path}.") from None
    return Edit(path, current(entry, path), codec.encode(value).decode())


def stored(suggestion: Suggestion) -> str:
    return msgspec.json.encode(suggestion).decode()


def read(text: str) -> Suggestion:
    return msgspec.json.decode(text, type=Suggestion)


def current(entry: Any, path: str) -> str | None:
    """The JSON of what is at `path` now; None if nothing is, or the entry itself is not there (UNSET)."""
    value = UNSET if entry is UNSET else pointers.value_at(entry, path)
    return None if value is UNSET else codec.encode(value).decode()


def is_outdated(suggestion: Suggestion, entry: Any) -> bool:
    """Whether any of what it was made against says something else in `entry` (UNSET: is not there any more)."""
    return entry is UNSET or bool(_moved(suggestion, entry))


def require_current(suggestion: Suggestion, entry: Any) -> None:
    """Raise SuggestionOutdated, with both texts, unless all still says what it was made against."""
    errors = [
        error
        for edit in _moved(suggestion, entry)
        for error in (
            FieldError(edit.path, f"now: {current(entry, edit.path) or 'nothing'}"),
            FieldError(edit.path, f"then: {edit.base or 'nothing'}"),
        )
    ]
    if errors:
        raise SuggestionOutdated("Read both, or accept it with `?force=true` anyway.", errors=errors)


def applied(suggestion: Suggestion, entry: Any) -> Any:
    """`entry` as it is wanted. Raises SuggestionOutdated where not even a forced edit has a place."""
    try:
        for edit in suggestion.edits:
            entry = pointers.replaced(entry, edit.path, codec.decode(edit.replacement))
    except pointers.Unreachable:
        raise SuggestionOutdated("What it would change is not there any more.") from None
    return entry


def item_update(suggestion: Suggestion, entry: Any) -> ItemUpdate:
    """The edit of an item that makes the suggestion come true, touching no other of its members."""
    wanted = applied(suggestion, entry)
    names = [next(iter(pointers.tokens(edit.path)), None) for edit in suggestion.edits]
    if isinstance(entry, dict) and None not in names:
        return ItemUpdate(fields={name: wanted[name] for name in names if name is not None})
    return ItemUpdate(data=wanted)


def _moved(suggestion: Suggestion, entry: Any) -> Iterable[Edit]:
    return [edit for edit in suggestion.edits if not _same(edit.base, current(entry, edit.path))]


def _same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or codec.canonical(codec.decode(one)) == codec.canonical(codec.decode(other))


def _unclear(path: str, message: str) -> SuggestionUnclear:
    return SuggestionUnclear(message, errors=[FieldError(path, message)])
