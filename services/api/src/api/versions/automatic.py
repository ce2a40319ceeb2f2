"""Versions that nobody asked for: what a resume said before somebody went on writing, or threw something away."""

from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import likeness
from api.contents.snapshots import Snapshot
from api.resumes.models import Resume
from api.versions import service
from common.ids import now

PAUSE = timedelta(minutes=10)
"""Without an edit for so long, the next one begins something new."""
LONGEST = timedelta(minutes=30)
"""Of steady writing, a version is kept at least so often."""

_OF_TOOLS = frozenset({"$schema", "meta"})
"""Members that programs write."""

_extra = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def before_change(db: AsyncSession, resume: Resume) -> None:
    """Called before the content of `resume`, held for a change, changes: keeps what it said if that had stood.

    As long as no version is due this reads nothing but the row at hand.
    """
    at = now()
    kept_at = resume.frozen_at or resume.created_at
    if kept_at > resume.updated_at:
        resume.frozen_at = at  # all that it says is in a version: the writing that is not in one begins here
    elif at - resume.updated_at >= PAUSE or at - kept_at >= LONGEST:
        await keep(db, resume)


async def before_loss(db: AsyncSession, resume: Resume, *, before: Snapshot, after: Snapshot) -> None:
    """Called before `after` takes the place of `before` in `resume`: keeps that if an entry, the basics or another
    member go, or nothing is left of what they said."""
    if (
        _loses_items(before, after)
        or _is_emptied(before.basics, after.basics)
        or _loses_members(before, after)
    ):
        await keep(db, resume)


async def keep(db: AsyncSession, resume: Resume) -> None:
    """Keep what `resume` (held for a change) says now, unless it says nothing or what its newest version says."""
    if resume.members:
        await service.freeze_if_new(db, resume, reason="automatic")


def _loses_items(before: Snapshot, after: Snapshot) -> bool:
    old, new = _texts(before), _texts(after)
    return bool(old.keys() - new) or any(
        old[item] != text and _is_replaced(old[item], text) for item, text in new.items() if item in old
    )


def _is_replaced(old: str, new: str) -> bool:
    """Whether an entry of several words, which is more than a slip of the hand, has nothing in common with `new`."""
    was = likeness.said(old)
    return len(was.words) > 1 and not likeness.share(was, likeness.said(new))


def _is_emptied(old: str | None, new: str | None) -> bool:
    return old is not None and old != new and (new is None or _is_replaced(old, new))


def _loses_members(before: Snapshot, after: Snapshot) -> bool:
    """Whether a member that is no section is gone, or emptied."""
    if before.extra == after.extra:
        return False
    new = _extra.decode(after.extra)
    return any(
        name not in after.members or (name in new and _is_emptied(_text(value), _text(new[name])))
        for name, value in _extra.decode(before.extra).items()
        if name not in _OF_TOOLS
    )


def _text(value: msgspec.Raw) -> str:
    return bytes(value).decode()


def _texts(snapshot: Snapshot) -> dict[UUID, str]:
    return {item.id: item.data for section in snapshot.sections for item in section.items}
