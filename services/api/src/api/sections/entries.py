"""What an edit makes of an entry, or of the basics."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from api.contents import bounds, codec
from api.sections.schemas import ItemUpdate
from common.problems import FieldError, Problem

_decoder = msgspec.json.Decoder(dict[str, Raw])


class Edit(NamedTuple):
    """The whole in place of what there is, or single members of it. `names` is what its three parts are called in the
    request, in their order."""

    whole: Any
    fields: Mapping[str, Any] | UnsetType
    remove: Sequence[str] | UnsetType
    names: tuple[str, str, str]

    @property
    def is_of_members(self) -> bool:
        return self.fields is not UNSET or self.remove is not UNSET


class EditUnclear(Problem):
    status, code, title = 422, "VALIDATION_FAILED", "The edit contradicts itself"


class EntryIsNoObject(Problem):
    status, code, title = 422, "ENTRY_IS_NO_OBJECT", "The entry has no fields"


def edited(text: str, data: ItemUpdate) -> str:
    """The entry `text` as `data` wants it. Raises what `with_members` does, ItemTooDeep."""
    edit = Edit(data.data, data.fields, data.remove, ("data", "fields", "remove"))
    if not edit.is_of_members:
        return text if data.data is UNSET else bounds.item_text(data.data)
    found = with_members(text, edit)
    bounds.require_shallow([found])
    return found


def with_members(text: str, edit: Edit) -> str:
    """The object `text` with single members changed, and all others, with their order and their very spelling, as they
    were. Raises EditUnclear, EntryIsNoObject."""
    whole, fields_name, remove_name = edit.names
    if edit.whole is not UNSET:
        message = f"Give the whole `{whole}`, or `{fields_name}` and `{remove_name}`, not both."
        raise _refused(EditUnclear, whole, message)
    members = _members(text, edit)
    fields = edit.fields or {}
    for name in edit.remove or []:
        if name in fields:
            raise _refused(EditUnclear, remove_name, "A member is to be set and to be removed.")
        members.pop(name, None)
    members |= {name: Raw(codec.encode(value)) for name, value in fields.items()}
    return msgspec.json.encode(members).decode()


def _members(text: str, edit: Edit) -> dict[str, Raw]:
    whole, fields_name, _ = edit.names
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        message = f"There is no object to change; replace what there is by `{whole}`."
        raise _refused(EntryIsNoObject, fields_name, message) from error


def _refused(problem: type[Problem], name: str, message: str) -> Problem:
    return problem(f"$.{name}: {message}", errors=[FieldError(f"$.{name}", message)])
