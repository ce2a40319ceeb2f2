"""How the resumes of a family stand to each other, part by part."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import msgspec

from api.families.schemas import Cell, FamilyRead, FamilyRow, FamilySection, State, VariantRead
from api.families.variants import Pairs, Part, SectionPart, Variant, digest, pair


class Compared(msgspec.Struct, frozen=True):
    """A variant beside the primary."""

    variant: Variant
    pairs: Pairs


def compare(family_id: UUID, primary: Variant, others: Iterable[Variant]) -> FamilyRead:
    """The family as it goes out, in the primary's order; what only others have comes after it."""
    compared = [Compared(variant, pair(primary, variant)) for variant in others]
    basics = FamilyRow(cells=_basics(primary, compared))
    sections = [_section(primary, section, compared) for section in primary.sections]
    sections += [_extra_section(one, section) for one in compared for section in _extra_sections(one)]
    items = [cell for row in (basics, *(row for s in sections for row in s.items)) for cell in row.cells]
    headings = [cell for section in sections for cell in section.cells]
    return FamilyRead(
        id=family_id,
        variants=[_variant(one, items, headings) for one in (primary, *(c.variant for c in compared))],
        basics=basics,
        sections=sections,
    )


def state(followed: Part | str | None, part: Part | None) -> State:
    """How a variant's part stands to the primary's, given as such or by the digest of what it says."""
    if part is None:
        return "missing"
    if followed is None:
        return "extra"
    if part.translated_from is None:
        return "untranslated"
    says = followed if isinstance(followed, str) else digest(followed.data)
    return "present" if part.translated_from == says else "outdated"


def _basics(primary: Variant, compared: list[Compared]) -> list[Cell]:
    if primary.basics is None:
        there = [(one.variant, one.variant.basics) for one in compared]
        return [_cell(variant, part, "extra") for variant, part in there if part is not None]
    return [
        _cell(primary, primary.basics, "present"),
        *(
            _cell(one.variant, one.variant.basics, state(primary.basics, one.variant.basics))
            for one in compared
        ),
    ]


def _section(primary: Variant, section: SectionPart, compared: list[Compared]) -> FamilySection:
    cells = [_cell(primary, section, "present")]
    for one in compared:
        found = one.pairs.sections.get(section.id)
        cells.append(_cell(one.variant, found, "missing" if found is None else "present", one.pairs.moved))
    rows = [_item(primary, item, compared) for item in section.items]
    for one in compared:
        found = one.pairs.sections.get(section.id)
        rows += [_extra(one, item) for item in _extra_items(one, found)]
    return FamilySection(cells=cells, items=rows)


def _item(primary: Variant, item: Part, compared: list[Compared]) -> FamilyRow:
    says = digest(item.data)
    cells = [_cell(primary, item, "present")]
    for one in compared:
        found = one.pairs.items.get(item.id)
        cells.append(_cell(one.variant, found, state(says, found), one.pairs.moved))
    return FamilyRow(cells=cells)


def _extra_sections(one: Compared) -> list[SectionPart]:
    paired = {section.id for section in one.pairs.sections.values()}
    return [section for section in one.variant.sections if section.id not in paired]


def _extra_items(one: Compared, section: SectionPart | None) -> list[Part]:
    paired = {item.id for item in one.pairs.items.values()}
    return [item for item in section.items if item.id not in paired] if section is not None else []


def _extra_section(one: Compared, section: SectionPart) -> FamilySection:
    rows = [_extra(one, item) for item in _extra_items(one, section)]
    return FamilySection(cells=[_cell(one.variant, section, "extra")], items=rows)


def _extra(one: Compared, item: Part) -> FamilyRow:
    return FamilyRow(cells=[_cell(one.variant, item, "extra")])


def _cell(
    variant: Variant, part: Part | SectionPart | None, state: State, moved: Iterable[UUID] = ()
) -> Cell:
    if part is None:
        return Cell(resume_id=variant.resume.id, state=state)
    return Cell(
        resume_id=variant.resume.id,
        state=state,
        id=part.id,
        label=part.label(),
        moved=part.id in moved,
    )


def _variant(variant: Variant, items: list[Cell], headings: list[Cell]) -> VariantRead:
    resume = variant.resume
    own = [cell for cell in items if cell.resume_id == resume.id]
    counts = Counter(cell.state for cell in own)
    return VariantRead(
        id=resume.id,
        title=resume.title,
        language=resume.language,
        is_primary=resume.is_primary,
        version=resume.version,
        updated_at=resume.updated_at,
        present=counts["present"],
        missing=counts["missing"],
        outdated=counts["outdated"],
        untranslated=counts["untranslated"],
        extra=counts["extra"],
        order_differs=any(cell.moved for cell in own + headings if cell.resume_id == resume.id),
    )
