"""The resumes of a family with their parts, and which part of one is which of another."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec
from api.contents.matching import longest_ascent
from api.families import queries
from api.resumes.models import Resume

NEVER = ""
"""A `translated_from` that is the hash of nothing: outdated, whatever the primary says."""
_LONGEST_LABEL = 80
_TELLING = (
    "name",
    "title",
    "position",
    "institution",
    "organization",
    "network",
    "language",
    "area",
    "summary",
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An item, or the basics. Parts with one `key` are one in several languages."""

    id: UUID
    key: UUID
    data: str
    translated_from: str | None

    def label(self) -> str | None:
        """Its first telling words."""
        return _shortened(next(_texts(codec.decode(self.data)), None))


class SectionPart(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    key: UUID
    name: str
    title: str | None
    items: list[Part]

    def label(self) -> str | None:
        return _shortened(self.title or self.name)


class Variant(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A resume of a family."""

    resume: Resume
    sections: list[SectionPart]

    @cached_property
    def basics(self) -> Part | None:
        resume = self.resume
        if resume.basics is None:
            return None
        return Part(id=resume.id, key=resume.id, data=resume.basics, translated_from=resume.translated_from)

    @cached_property
    def items(self) -> dict[UUID, Part]:
        """All items by their key."""
        return {item.key: item for section in self.sections for item in section.items}

    @cached_property
    def keyed_sections(self) -> dict[UUID, SectionPart]:
        return {section.key: section for section in self.sections}


class Pairs(msgspec.Struct, frozen=True):
    """The parts of the primary, by id, that a variant has too, and those of the variant that stand elsewhere."""

    sections: dict[UUID, SectionPart]
    items: dict[UUID, Part]
    moved: set[UUID]


async def load(db: AsyncSession, resumes: Sequence[Resume]) -> list[Variant]:
    """`resumes`, found with their owner, with their parts; what is in the session only is written first."""
    await db.flush()
    ids = [resume.id for resume in resumes]
    items: defaultdict[UUID, list[Part]] = defaultdict(list)
    for row in await queries.items(db, ids):
        items[row.section_id].append(
            Part(
                id=row.id,
                key=row.counterpart_id or row.id,
                data=row.data,
                translated_from=row.translated_from,
            )
        )
    sections: defaultdict[UUID, list[SectionPart]] = defaultdict(list)
    for section in await queries.sections(db, ids):
        sections[section.resume_id].append(
            SectionPart(
                id=section.id,
                key=section.counterpart_id or section.id,
                name=section.name,
                title=section.title,
                items=items[section.id],
            )
        )
    return [Variant(resume=resume, sections=sections[resume.id]) for resume in resumes]


def pair(primary: Variant, variant: Variant) -> Pairs:
    """What of `primary` is there in `variant`: sections by what they stand for, else by their name in the document."""
    taken = {section.key for section in primary.sections}
    named = {section.name: section for section in variant.sections if section.key not in taken}
    sections: dict[UUID, SectionPart] = {}
    items: dict[UUID, Part] = {}
    for section in primary.sections:
        found = variant.keyed_sections.get(section.key) or named.get(section.name)
        if found is not None:
            sections[section.id] = found
        items |= {item.id: variant.items[item.key] for item in section.items if item.key in variant.items}
    return Pairs(sections, items, set(_moved(primary, variant, sections, items)))


def _moved(
    primary: Variant, variant: Variant, sections: dict[UUID, SectionPart], items: dict[UUID, Part]
) -> Iterator[UUID]:
    """The parts of `variant` that stand in another order, or in another section, than those of `primary`."""
    yield from _out_of_order(
        [section.id for section in variant.sections],
        [sections[section.id].id for section in primary.sections if section.id in sections],
    )
    for section in primary.sections:
        wanted = [items[item.id].id for item in section.items if item.id in items]
        there = [item.id for item in sections[section.id].items] if section.id in sections else []
        yield from _out_of_order(there, wanted)
        yield from set(wanted) - set(there)


def _out_of_order(order: list[UUID], wanted: list[UUID]) -> Iterator[UUID]:
    """Those of `order` that would have to move for it to be that of `wanted`."""
    places = {part: place for place, part in enumerate(wanted)}
    known = [part for part in order if part in places]
    staying = set(longest_ascent([places[part] for part in known]))
    return (part for place, part in enumerate(known) if place not in staying)


def digest(data: str) -> str:
    """The SHA-256, in hexadecimal, of what JSON text says: of its canonical form."""
    return hashlib.sha256(codec.canonical(codec.decode(data))).hexdigest()


def _texts(value: Any) -> Iterator[str]:
    """The texts of an entry, those that tell most first."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, dict):
        told = [name for name in _TELLING if name in value]
        # Each member once: to look into any of them twice would double the work with every level.
        for name in (*told, *(name for name in value if name not in told)):
            yield from _texts(value[name])
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _shortened(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())[:_LONGEST_LABEL]
