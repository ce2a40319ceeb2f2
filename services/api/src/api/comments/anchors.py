"""What a comment is about: checked when it is made against what its author sees, and told when it is gone."""

from typing import Any
from uuid import UUID

from msgspec import UNSET

from api.comments import pointers, suggesting
from api.comments.models import Comment
from api.comments.schemas import Anchor, AnchorRead, Target
from api.comments.views import View
from common.problems import FieldError, Problem


class AnchorNotFound(Problem):
    status, code, title = 422, "ANCHOR_NOT_FOUND", "What the comment is about is not there"


def entry_of(view: View, anchor: Anchor) -> Any:
    """The item or the basics that `anchor` names, UNSET for what is neither. Raises AnchorNotFound."""
    given = (anchor.section_id is not None, anchor.item_id is not None)
    if given != (anchor.target == "section", anchor.target == "item"):
        raise _missing(
            "$.anchor", "Give the `itemId` of an item, the `sectionId` of a section, and neither else."
        )
    if anchor.target in {"item", "basics"}:
        entry = view.entry(anchor.item_id)
        if entry is UNSET:
            raise _missing("$.anchor", "There is no such part.")
        _check_words(anchor, entry)
        return entry
    if anchor.path is not None:
        raise _missing("$.anchor.path", "Only an item and the basics have fields.")
    if anchor.target == "section" and anchor.section_id not in view.section_ids:
        raise _missing("$.anchor.sectionId", "There is no such section.")
    return UNSET


def _check_words(anchor: Anchor, entry: Any) -> None:
    value = pointers.value_at(entry, anchor.path or "")
    if value is UNSET:
        raise _missing("$.anchor.path", "There is nothing at this path.")
    if anchor.quote is not None and not any(anchor.quote in text for text in _texts(value)):
        raise _missing("$.anchor.quote", "It does not say this.")


def _texts(value: Any) -> list[str]:
    """All strings inside a value; documents are not deeper than 64 levels."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in _texts(child)]


def is_there(comment: Comment, view: View) -> bool:
    """Whether the part that a comment is about can be seen in `view`."""
    match comment.target:
        case "item":
            return comment.item_id in view.items
        case "section":
            return comment.section_id in view.section_ids
        case "basics":
            return view.basics is not UNSET and (view.is_whole or _shows_fields(comment, view.basics))
        case _:
            return True


def _shows_fields(comment: Comment, basics: Any) -> bool:
    """Whether a reader of a link sees the fields of the basics that a comment names: it may hide how to reach somebody."""
    suggestion = suggesting.read(comment.suggestion) if comment.suggestion else None
    paths = [edit.path for edit in suggestion.edits if edit.base is not None] if suggestion else []
    paths += [comment.path] if comment.path else []
    return all(pointers.value_at(basics, path) is not UNSET for path in paths)


def shape(comment: Comment, view: View) -> AnchorRead:
    target: Target = comment.target  # type: ignore[assignment]
    section_id: UUID | None = comment.section_id
    if comment.item_id in view.items and comment.item_id is not None:
        section_id = view.items[comment.item_id][0]
    return AnchorRead(
        target=target,
        section_id=section_id,
        item_id=comment.item_id,
        path=comment.path,
        quote=comment.quote,
        is_orphaned=not is_there(comment, view),
    )


def _missing(path: str, message: str) -> AnchorNotFound:
    return AnchorNotFound(message, errors=[FieldError(path, message)])
