"""Where among the items of its section a new one comes."""

from uuid import UUID

from fractional_indexing import generate_key_between
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.models import Section
from api.library import queries
from common.problems import FieldError, ValidationFailed


async def rank(db: AsyncSession, section: Section, *, before_id: UUID | None, after_id: UUID | None) -> str:
    """The rank right before or after an item of `section`, or after the last. Raises ValidationFailed."""
    ranks = await queries.ranks(db, section.id)
    ids, keys = [row.id for row in ranks], [row.rank for row in ranks]
    if before_id is not None and after_id is not None:
        raise _wrong("$.afterId", "Name one of beforeId and afterId.")
    if before_id is not None:
        place = _index(ids, before_id, "$.beforeId")
    elif after_id is not None:
        place = _index(ids, after_id, "$.afterId") + 1
    else:
        place = len(ids)
    return str(
        generate_key_between(keys[place - 1] if place else None, keys[place] if place < len(keys) else None)
    )


def _index(ids: list[UUID], wanted: UUID, path: str) -> int:
    if wanted not in ids:
        raise _wrong(path, "There is no such item in this section.")
    return ids.index(wanted)


def _wrong(path: str, message: str) -> ValidationFailed:
    return ValidationFailed(message, errors=[FieldError(path, message)])
