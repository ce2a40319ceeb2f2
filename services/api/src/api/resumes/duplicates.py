"""Copies of resumes."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import writing
from api.contents.snapshots import renewed
from api.resumes import queries, service, tags
from api.resumes.models import Resume
from api.search import service as search
from common.ids import new_id

_SAME = (
    "owner_id",
    "kind",
    "language",
    "direction",
    "template",
    "template_version",
    "page_size",
    "settings",
    *service.TAKEN_DOWN,
)
_MARK = " (copy)"
_LONGEST_TITLE = 200


async def duplicate(db: AsyncSession, resume_id: UUID, *, owner_id: UUID, title: str | None) -> Resume:
    """A new resume that says and looks like this one, down to what is hidden, and uses the same library items.

    Versions, links, comments, the lock and the family stay with the original. Raises ResumeNotFound. The copy of one
    that was taken down is taken down too.
    """
    original = await service.hold(db, resume_id, owner_id=owner_id)
    copy = Resume(
        id=new_id(),
        title=title or original.title[: _LONGEST_TITLE - len(_MARK)] + _MARK,
        tags=[],
        extra="{}",
        members=[],
        **{name: getattr(original, name) for name in _SAME},
    )
    db.add(copy)
    await db.flush()
    await tags.put(db, copy, original.tags)
    snapshot, ids = renewed(await writing.read(db, original))
    await writing.write(db, copy, snapshot)
    await search.index_head(db, copy)
    await _link(db, original, ids)
    return copy


async def _link(db: AsyncSession, original: Resume, ids: dict[UUID, UUID]) -> None:
    """Make the copies of items that are uses of library items such uses too."""
    rows = [
        {
            "id": ids[item.id],
            "library_item_id": item.library_item_id,
            "library_version": item.library_version,
            "library_base": item.library_base,
        }
        for item in await queries.linked_items(db, original.id)
    ]
    await queries.link_items(db, rows)
