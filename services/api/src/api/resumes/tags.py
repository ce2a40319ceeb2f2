"""Tags: their owner's words on resumes, the same whatever their case."""

import binascii
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes import queries
from api.resumes.models import Resume, Tag
from api.resumes.schemas import LONGEST_TAG, TagCount
from common.problems import FieldError, ValidationFailed
from common.schemas import Page


def key(name: str) -> str:
    """What tags are compared by."""
    return unicodedata.normalize("NFC", _plain(name).casefold())


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def plain(names: Sequence[str]) -> list[str]:
    """`names` composed (NFC) and trimmed, each once, as it was spelt first. Raises ValidationFailed."""
    found: dict[str, str] = {}
    for place, name in enumerate(names):
        spelt = _plain(name)
        if not 1 <= len(spelt) <= LONGEST_TAG:
            message = f"A tag has 1 to {LONGEST_TAG} characters."
            raise ValidationFailed(message, errors=[FieldError(f"$.tags[{place}]", message)])
        found.setdefault(key(spelt), spelt)
    return list(found.values())


async def put(db: AsyncSession, resume: Resume, names: Sequence[str]) -> bool:
    """Make `names`, which are plain, the tags of a resume; whether that changed anything."""
    if resume.tags == list(names):
        return False
    resume.tags = list(names)
    wanted = {name: key(name) for name in names}
    for row in await queries.tag_rows(db, resume.id):
        if wanted.pop(row.name, None) is None:
            await db.delete(row)
    db.add_all(
        Tag(resume_id=resume.id, name=name, key=spelt, owner_id=resume.owner_id)
        for name, spelt in wanted.items()
    )
    await db.flush()
    return True


async def counts(db: AsyncSession, *, owner_id: UUID, cursor: str | None, limit: int) -> Page[TagCount]:
    """A page of the owner's tags, in the order of their letters."""
    rows = await queries.tags(db, owner_id=owner_id, after=_after(cursor), limit=limit + 1)
    following = urlsafe_b64encode(rows[limit - 1].key.encode()).decode() if len(rows) > limit else None
    found = [TagCount(name=row.name, count=row.resumes) for row in rows[:limit]]
    return Page(items=found, next_cursor=following)


def _after(cursor: str | None) -> str | None:
    try:
        after = None if cursor is None else urlsafe_b64decode(cursor + "==").decode()
    except (binascii.Error, ValueError) as error:
        raise _refused() from error
    if after is not None and "\0" in after:
        raise _refused()
    return after


def _refused() -> ValidationFailed:
    message = "Not a cursor that this list gave."
    return ValidationFailed(message, errors=[FieldError("$.cursor", message)])
