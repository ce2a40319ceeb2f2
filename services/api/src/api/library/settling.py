"""Uses of one resume brought up to date with what their library item says."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import writing
from api.contents.cache import ContentCache
from api.contents.changes import Changes
from api.contents.models import Item
from api.library import merging, queries
from api.library.models import LibraryItem
from api.library.schemas import Outcome
from api.resumes import service as resumes
from api.resumes.models import Resume


class Settled(NamedTuple):
    """What a use is to say, as JSON text, and what is told of it."""

    data: str
    outcome: Outcome


async def settle(
    db: AsyncSession,
    cache: ContentCache,
    resume: Resume,
    items: Sequence[Item],
    found: LibraryItem,
    *,
    replace: bool = False,
) -> list[Outcome]:
    """Bring `items` of `resume` up to date with `found`; both are held, the resume by `contents.to_edit`.

    With `replace`, wording of their own is given up.
    """
    settled = [_settled(item, found, replace=replace) for item in items]
    agreed = {"library_version": found.version, "library_base": found.data}
    updates: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for item, (data, outcome) in zip(items, settled, strict=True):
        row = {"id": item.id} | agreed
        if outcome.result == "updated":
            updates.append(row | {"data": data, "version": item.version + 1})
        else:
            marks.append(row)
    await queries.mark(db, marks)
    if updates:
        await writing.apply(db, resume, items=Changes(updates=updates))
        resumes.touch(db, cache, resume)
    return [outcome for _, outcome in settled]


def _settled(item: Item, found: LibraryItem, *, replace: bool) -> Settled:
    base = found.data if item.library_base is None else item.library_base
    sides = merging.compare(base=base, theirs=found.data, ours=item.data)
    taken = sides.theirs + sides.ours + sides.both if replace else sides.theirs
    data = found.data if replace and taken else merging.take(item.data, found.data, taken, sides=sides)
    return Settled(
        data,
        Outcome(
            item_id=item.id,
            resume_id=item.resume_id,
            result="updated" if taken else "unchanged",
            updated=taken,
            kept=[] if replace else sides.ours + sides.both,
            conflicts=sides.both,
        ),
    )
