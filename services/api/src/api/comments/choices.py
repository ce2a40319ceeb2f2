"""What a comment can be about, in words, for a form: the whole, the head, each section and its entries."""

from uuid import UUID

import msgspec

from api.comments.models import Comment
from api.comments.schemas import Anchor
from api.comments.views import View
from api.contents import codec
from api.contents.snapshots import SectionState
from api.shares.reading import texts
from api.shares.reading.entries import entries_of, kind_of
from api.shares.reading.fields import Writing

_LONGEST = 80


class Choice(msgspec.Struct, frozen=True):
    """`value` is what the form sends; `label` is in the words of the resume."""

    value: str
    label: str


class Group(msgspec.Struct, frozen=True):
    """A section, and its entries."""

    whole: Choice
    entries: list[Choice]


def groups(view: View, writing: Writing) -> list[Group]:
    return [
        Group(
            Choice(f"section:{section.id}", _heading(section, writing)),
            [
                Choice(f"item:{item.id}", _label(item.data, section.kind, writing) or f"{number}.")
                for number, item in enumerate(items, 1)
            ],
        )
        for section, items in view.sections
    ]


def labels(found: list[Group]) -> dict[str, str]:
    """The label of each choice, by its value."""
    choices = [choice for group in found for choice in (group.whole, *group.entries)]
    return {choice.value: choice.label for choice in choices}


def value_of(comment: Comment) -> str:
    """The choice that a comment was made with."""
    part = comment.item_id or comment.section_id
    return f"{comment.target}:{part}" if part else comment.target


def anchor_of(value: str) -> Anchor | None:
    """What a form sent, or None if that is none of the choices."""
    target, _, part = value.partition(":")
    match target, part:
        case "resume" | "basics", "":
            return Anchor(target=target)
        case "section" | "item", _:
            try:
                found = UUID(part)
            except ValueError:
                return None
            return (
                Anchor(target="item", item_id=found)
                if target == "item"
                else Anchor(target="section", section_id=found)
            )
        case _:
            return None


def _heading(section: SectionState, writing: Writing) -> str:
    usual = kind_of(section.kind).heading
    given = texts.line(section.title or "")
    return given or (writing.translate(usual) if usual else texts.humanised(section.name))


def _label(data: str, kind: str, writing: Writing) -> str:
    """How an entry is called, in a line."""
    value = codec.decode(data)
    found = entries_of([value], kind_of(kind), writing) if isinstance(value, dict) else []
    said = ", ".join(filter(None, (found[0].title, found[0].subtitle))) if found else ""
    line = said or texts.one_line(value, writing.translate)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
