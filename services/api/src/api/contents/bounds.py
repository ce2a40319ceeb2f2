"""How large a resume may become, part by part: what was put together from small bodies must still be one document."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, queries
from api.contents.document import MOST_ITEMS, MOST_SECTIONS
from api.resumes.models import Resume
from common.problems import Problem

LARGEST = 4_000_000
"""Bytes of JSON that the parts of a resume may take together. No body of 1 MiB takes more, not even if all it holds is
numbers that are spelled shorter than they are kept (`1e15`); and it fits a message of NATS (4 MiB), so it is cached."""

DEEPEST_ITEM = codec.MAX_DEPTH - 2
"""Arrays and objects inside each other in one item: the document and the section are around it."""


class ResumeTooLarge(Problem):
    status, code, title = 422, "RESUME_TOO_LARGE", "The resume would become too large"


class TooManyItems(Problem):
    status, code, title = 422, "TOO_MANY_ITEMS", "The resume has as many items as it may have"


class TooManySections(Problem):
    status, code, title = 422, "TOO_MANY_SECTIONS", "The resume has as many sections as it may have"


class ItemTooDeep(Problem):
    status, code, title = 422, "ITEM_TOO_DEEP", "The item is nested too deeply"


def item_text(value: Any) -> str:
    """`value` as an item's JSON text. Raises ItemTooDeep."""
    text = codec.encode(value).decode()
    require_shallow([text])
    return text


def require_shallow(texts: Iterable[str]) -> None:
    """Raise ItemTooDeep if an item of `texts` would make its document deeper than a body may be."""
    for text in texts:
        # What has few brackets cannot be deep, and nearly everything has few.
        if text.count("[") + text.count("{") > DEEPEST_ITEM and codec.is_deeper(
            codec.decode(text), DEEPEST_ITEM
        ):
            raise ItemTooDeep(f"Arrays and objects may stand {DEEPEST_ITEM} deep inside each other.")


def require_another_section(sections: int) -> None:
    """Raise TooManySections if there are as many as there may be."""
    if sections >= MOST_SECTIONS:
        raise TooManySections(f"At most {MOST_SECTIONS}.")


async def require_room(db: AsyncSession, resume: Resume) -> None:
    """Raise TooManyItems or ResumeTooLarge if `resume`, as it is written now, is beyond what it may be."""
    items, size = await queries.size(db, resume.id)
    if items > MOST_ITEMS:
        raise TooManyItems(f"At most {MOST_ITEMS} in all sections together.")
    require_size(resume, size)


def require_size(resume: Resume, size: int) -> None:
    """Raise ResumeTooLarge if `resume` is too large with items whose JSON takes `size` bytes."""
    size += len((resume.basics or "").encode()) + len(resume.extra.encode())
    if size > LARGEST:
        raise ResumeTooLarge(f"All that it says may take {LARGEST:,} bytes as JSON; this would be {size:,}.")
