"""What an edit makes of an entry."""

import msgspec
from msgspec import UNSET, Raw

from api.contents import bounds, codec
from api.sections.schemas import ItemUpdate
from common.problems import FieldError, Problem

_decoder = msgspec.json.Decoder(dict[str, Raw])


class EditUnclear(Problem):
    status, code, title = 422, "VALIDATION_FAILED", "The edit contradicts itself"


class EntryIsNoObject(Problem):
    status, code, title = 422, "ENTRY_IS_NO_OBJECT", "The entry has no fields"


def edited(text: str, edit: ItemUpdate) -> str:
    """The entry `text` as `edit` wants it: replaced, or single members of it changed and all others, with their order
    and their very spelling, as they were. Raises EditUnclear, EntryIsNoObject, ItemTooDeep."""
    if edit.fields is UNSET and edit.remove is UNSET:
        return text if edit.data is UNSET else bounds.item_text(edit.data)
    if edit.data is not UNSET:
        raise _refused(EditUnclear, "$.data", "Give the whole `data`, or `fields` and `remove`, not both.")
    entry = _members(text)
    fields, remove = edit.fields or {}, edit.remove or []
    for name in remove:
        if name in fields:
            raise _refused(EditUnclear, "$.remove", "A member is to be set and to be removed.")
        entry.pop(name, None)
    entry |= {name: Raw(codec.encode(value)) for name, value in fields.items()}
    found = msgspec.json.encode(entry).decode()
    bounds.require_shallow([found])
    return found


def _members(text: str) -> dict[str, Raw]:
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        message = "The entry is no object; replace it by `data`."
        raise _refused(EntryIsNoObject, "$.fields", message) from error


def _refused(problem: type[Problem], path: str, message: str) -> Problem:
    return problem(f"{path}: {message}", errors=[FieldError(path, message)])
