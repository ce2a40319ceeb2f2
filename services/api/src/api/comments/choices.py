"""What a comment can be about, in words, for a form: the whole, the head, each section and its entries."""

from uuid import UUID

import msgspec

from api.comments.models import Comment
from api.comments.schemas import Anchor
from api.comments.views import View
from api.contents import codec
from api.contents.snapshots import ItemState, SectionState
from api.shares.reading import texts
from api.shares.reading.entries import entries_of, kind_of
from api.shares.reading.fields import Writing

_LONGEST = 80
MOST = 1000
"""Entries that a form names; those beyond are commented through the API, or with their section."""


class Choice(msgspec.Struct, frozen=True):
    """`value` is what the form sends; `label` is in the words of the resume."""

    value: str
    label: str


class Group(msgspec.Struct, frozen=True):
    """A section, and its entries."""

    whole: Choice
    entries: list[Choice]


class Choices(msgspec.Struct, frozen=True):
    """All that a form offers, and the label of each choice, by its value."""

    groups: list[Group]
    labels: dict[str, str]


def make(view: View, writing: Writing) -> Choices:
    """It looks into every entry that it names: not for the event loop."""
    groups, left = list[Group](), MOST
    for section, items in view.sections:
        if not items:  # its page does not have it either
            continue
        groups.append(_group(section, items[:left], writing))
        left -= len(groups[-1].entries)
    found = [choice for group in groups for choice in (group.whole, *group.entries)]
    return Choices(groups, {choice.value: choice.label for choice in found})


def _group(section: SectionState, items: list[ItemState], writing: Writing) -> Group:
    entries = [
        Choice(f"item:{item.id}", _label(item.data, section.kind, writing) or f"{number}.")
        for number, item in enumerate(items, 1)
    ]
    return Group(Choice(f"section:{section.id}", _heading(section, writing)), entries)


def label_of(comment: Comment, view: View, choices: Choices, writing: Writing) -> str:
    """What a comment is about, in words; "" for the whole and for the head."""
    part = comment.item_id or comment.section_id
    if part is None:
        return ""
    if known := choices.labels.get(f"{comment.target}:{part}"):
        return known
    section_id, data = view.items.get(part, (comment.section_id, ""))
    section = view.section(section_id)
    if section is None:
        return ""
    return (data and _label(data, section.kind, writing)) or _heading(section, writing)


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
    return _cut(given or (writing.translate(usual) if usual else texts.humanised(section.name)))


def _label(data: str, kind: str, writing: Writing) -> str:
    """How an entry is called, in a line."""
    value = codec.decode(data)
    found = entries_of([value], kind_of(kind), writing) if isinstance(value, dict) else []
    said = ", ".join(filter(None, (found[0].title, found[0].subtitle))) if found else ""
    line = said or texts.one_line(value, writing.translate)
    return _cut(line)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
