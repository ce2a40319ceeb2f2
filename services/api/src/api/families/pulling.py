"""What a variant lacks, brought over from the primary, to be translated."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, writing
from api.contents import service as contents
from api.contents.cache import ContentCache
from api.contents.models import Item, Section
from api.contents.snapshots import Snapshot
from api.families import queries, service
from api.families.grafting import Graft
from api.families.schemas import Pull
from api.families.variants import Variant, pair
from api.resumes import service as resumes
from api.resumes.models import Resume


async def pull(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    *,
    owner_id: UUID,
    data: Pull,
    if_match: str | None,
) -> Resume:
    """Bring what is wanted of the primary's parts into a variant that lacks them.

    Raises IsPrimary, PartNotFound, and what `contents.to_edit` does.
    """
    primary, variant = await service.pair_of(db, resume_id, owner_id=owner_id)
    resume = await contents.to_edit(db, resume_id, owner_id=owner_id, if_match=if_match)
    source, target = await writing.read(db, primary.resume), await writing.read(db, resume)
    pairs = pair(primary, variant)
    twins = {key: section.id for key, section in pairs.sections.items()}
    twins |= {key: item.id for key, item in pairs.items.items()}
    graft = Graft(source, target, twins)
    graft.bring(_wanted(source, data))
    if data.structure:
        graft.align()
    has_new_basics = target.basics is None and source.basics is not None and _wants_basics(data)
    pulled = graft.snapshot(basics=source.basics if has_new_basics else target.basics)
    bounds.require_another_section(len(pulled.sections) - 1)
    if await writing.write(db, resume, pulled):
        await _mark(db, primary, graft)
        if has_new_basics:
            resume.translated_from = None
        resumes.touch(db, cache, resume)
    return resume


def _is_for_all(data: Pull) -> bool:
    return data.sections is None and data.items is None and data.basics is None


def _wants_basics(data: Pull) -> bool:
    return bool(data.basics) or _is_for_all(data)


def _wanted(source: Snapshot, data: Pull) -> set[UUID]:
    """The parts of the primary that are asked for: items, and sections with all that is in them. Raises PartNotFound."""
    sections = {section.id: {item.id for item in section.items} for section in source.sections}
    items = {item for found in sections.values() for item in found}
    if _is_for_all(data):
        return set(sections) | items
    wanted, single = set(data.sections or ()), set(data.items or ())
    if not (wanted <= sections.keys() and single <= items):
        raise service.PartNotFound
    return wanted | single | {item for section in wanted for item in sections[section]}


async def _mark(db: AsyncSession, primary: Variant, graft: Graft) -> None:
    """Note which of the new parts is which of the primary's. (Sections that had one name are one from here on.)"""
    sections = [
        {"id": graft.twins[section.id], "counterpart_id": section.key}
        for section in primary.sections
        if section.id in graft.twins
    ]
    items = [
        {"id": graft.twins[item.id], "counterpart_id": item.key}
        for item in primary.items.values()
        if item.id in graft.brought
    ]
    await queries.mark(db, Section, sections)
    await queries.mark(db, Item, items)
