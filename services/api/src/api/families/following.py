"""What follows an edit of a variant: the parts that were edited say what the primary's say from here on.

Called for every change of every resume, so it costs nothing for those that are no variants.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.families import queries
from api.families.variants import digest
from api.resumes.models import Resume


async def items(db: AsyncSession, resume: Resume, updates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`updates` of items of `resume`, not yet written, with what they follow where they say something new."""
    if not _is_variant(resume):
        return updates
    told = {row["id"]: row["data"] for row in updates if "data" in row}
    followed = {
        item_id: digest(primary)
        for item_id, before, primary in (await queries.followed(db, resume, list(told)) if told else ())
        if before != told[item_id]
    }
    return [
        row | {"translated_from": followed[row["id"]]} if row["id"] in followed else row for row in updates
    ]


async def basics(db: AsyncSession, resume: Resume) -> None:
    """Called when the basics of `resume` were given other words."""
    if _is_variant(resume):
        followed = await queries.primary_basics(db, resume)
        resume.translated_from = None if followed is None else digest(followed)


def _is_variant(resume: Resume) -> bool:
    return resume.family_id is not None and not resume.is_primary
