"""What the library says now, brought to its uses, or kept from them."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import service as contents
from api.contents.cache import ContentCache
from api.library import merging, queries, service, settling
from api.library.models import LibraryItem
from api.library.schemas import MOST_USES, Outcome, Outcomes, Propagate
from api.resumes import service as resumes
from common.problems import NotFound

Chosen = Sequence[Row[UUID, UUID, str]]


class UseNotFound(NotFound):
    title = "The library item is not used there"


async def propagate(
    db: AsyncSession,
    cache: ContentCache,
    library_item_id: UUID,
    *,
    owner_id: UUID,
    data: Propagate,
    if_match: str | None,
) -> Outcomes:
    """Bring uses up to date, resume by resume in the order of their ids, so that no two propagations wait for each
    other. Raises LibraryItemNotFound, VersionConflict, UseNotFound."""
    found = await service.hold(db, library_item_id, owner_id=owner_id, if_match=if_match)
    chosen, more = await _chosen(db, found, data.item_ids)
    outcomes: list[Outcome] = []
    for resume_id, rows in groupby(chosen, key=lambda row: row.resume_id):
        ids = [row.id for row in rows]
        outcomes += await _in_resume(db, cache, resume_id, ids, found, replace=data.overrides == "replace")
    return Outcomes(uses=outcomes, more=more)


async def _in_resume(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    ids: Collection[UUID],
    found: LibraryItem,
    *,
    replace: bool,
) -> list[Outcome]:
    try:
        resume = await contents.to_edit(db, resume_id, owner_id=found.owner_id)
    except resumes.ResumeLocked:
        return [Outcome(item_id=item_id, resume_id=resume_id, result="locked") for item_id in ids]
    except resumes.ResumeNotFound:  # it went to the trash meanwhile
        return []
    items = [item for item in await queries.items(db, resume.id, ids) if item.library_item_id == found.id]
    return await settling.settle(db, cache, resume, items, found, replace=replace)


async def keep(
    db: AsyncSession, library_item_id: UUID, *, owner_id: UUID, item_ids: Collection[UUID] | None
) -> Outcomes:
    """Let uses say what they say: where they differ from the library now, that is their own wording from here on.

    No resume says anything else after it, so locked ones are no exception.
    """
    found = await service.hold(db, library_item_id, owner_id=owner_id)
    chosen, more = await _chosen(db, found, item_ids)
    await queries.mark(
        db,
        [{"id": row.id, "library_version": found.version, "library_base": found.data} for row in chosen],
    )
    return Outcomes(uses=list(_unchanged(chosen, found)), more=more)


async def _chosen(db: AsyncSession, found: LibraryItem, ids: Collection[UUID] | None) -> tuple[Chosen, bool]:
    """The uses that a request is about, as many as it may change, and whether there are more. Raises UseNotFound."""
    wanted = None if ids is None else set(ids)
    rows = await queries.outdated(db, found.id, owner_id=found.owner_id, ids=wanted, limit=MOST_USES + 1)
    if wanted is not None and len(rows) < len(wanted):
        raise UseNotFound
    return rows[:MOST_USES], len(rows) > MOST_USES


def _unchanged(chosen: Chosen, found: LibraryItem) -> Iterable[Outcome]:
    for row in chosen:
        kept = merging.overrides(found.data, row.data)
        yield Outcome(item_id=row.id, resume_id=row.resume_id, result="unchanged", kept=kept)
