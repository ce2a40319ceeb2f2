"""The one way in which what a resume says is written: everything that has to follow a change hangs here."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, changes, queries
from api.contents.changes import Changes
from api.contents.models import Item, Section
from api.contents.snapshots import ItemState, SectionLook, SectionState, Snapshot
from api.families import following
from api.resumes.models import Resume
from api.search import service as search


async def read(db: AsyncSession, resume: Resume) -> Snapshot:
    """All that `resume` says now."""
    sections = await queries.sections(db, resume.id)
    of_section: defaultdict[Any, list[ItemState]] = defaultdict(list)
    for row in await queries.items(db, resume.id):
        of_section[row.section_id].append(ItemState(id=row.id, data=row.data, visible=row.visible))
    states = [_state(section, of_section[section.id]) for section in sections]
    return Snapshot(members=resume.members, basics=resume.basics, extra=resume.extra, sections=states)


async def write(db: AsyncSession, resume: Resume, wanted: Snapshot) -> bool:
    """Make `resume`, held for a change, say what `wanted` says; whether that changed anything.

    Rows whose id is in `wanted` stay, with all that hangs on them.
    """
    old_sections, old_items = await queries.sections(db, resume.id), await queries.items(db, resume.id)
    states = _settled(wanted.sections, old_sections)
    before = (resume.members, resume.basics, resume.extra)
    after = (wanted.members, wanted.basics, wanted.extra)
    if changed := before != after:
        resume.members, resume.basics, resume.extra = after
    if before[1] != after[1]:
        await following.basics(db, resume)
    counts = Counter(item.section_id for item in old_items)
    sections = changes.of_sections(old_sections, states, counts=counts, resume_id=resume.id)
    items = changes.of_items(old_items, states, resume_id=resume.id)
    if before[1:] != after[1:]:
        await search.index_head(db, resume)
    await apply(db, resume, sections=sections, items=items)
    return changed or bool(sections) or bool(items)


async def apply(
    db: AsyncSession,
    resume: Resume,
    *,
    sections: Changes | None = None,
    items: Changes | None = None,
    size: int | None = None,
) -> None:
    """Write changed rows of `resume`. Sections are deleted last: they take with them the items that are still there.

    A section that gains or loses items is another version of it; one that an update takes items to or from is to be
    among the updates. `size` is how many bytes the JSON of all items takes afterwards, for a caller who knows and does
    not change their number. Raises ItemTooDeep, TooManyItems, ResumeTooLarge.
    """
    sections, items = sections or Changes(), items or Changes()
    texts = [row["data"] for row in (*items.inserts, *items.updates) if "data" in row]
    bounds.require_shallow(texts)
    await queries.resize(db, gaining={row["section_id"] for row in items.inserts}, losing=items.deletes)
    await queries.insert(db, Section, sections.inserts)
    await queries.update(db, Section, sections.updates)
    await queries.delete(db, Item, items.deletes)
    await queries.update(db, Item, await following.items(db, resume, items.updates))
    await queries.insert(db, Item, items.inserts)
    await queries.delete(db, Section, sections.deletes)
    await search.follow(db, resume, sections=sections, items=items)
    if size is not None:
        bounds.require_size(resume, size)
    elif texts or db.is_modified(resume):
        await bounds.require_room(db, resume)


def _state(section: Section, items: list[ItemState]) -> SectionState:
    return SectionState(
        **{name: getattr(section, name) for name in SectionLook.__struct_fields__}, items=items
    )


def _settled(wanted: Sequence[SectionState], old: Sequence[Section]) -> list[SectionState]:
    """`wanted` with the rows that its sections have already: of one name there is one."""
    ids = {section.name: section.id for section in old}
    return [msgspec.structs.replace(state, id=ids.get(state.name, state.id)) for state in wanted]
