"""Pages of threads and of replies that stay small whatever is said in them: an answer takes 1 MiB at most."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import list_queries
from api.comments.list_queries import Weighed
from api.comments.models import Comment
from common import pagination

SHOWN_REPLIES = 10
"""The newest of a thread that come with it."""
ROOM = 180_000
"""Characters of what is said in one answer. Each takes 5 bytes at most, as UTF-8, escaped in JSON or in HTML."""
_AROUND_THREAD, _AROUND_REPLY = 300, 200
"""What goes out with a comment beside what it says, in characters of that size."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Threads, the newest replies to each, oldest first, and how many there are before those."""

    roots: Sequence[Comment]
    replies: dict[UUID, list[Comment]] = {}
    earlier: dict[UUID, int] = {}
    next_cursor: str | None = None


async def threads(
    db: AsyncSession, wanted: Select[UUID, int], *, cursor: str | None, limit: int, room: int = ROOM
) -> Listed:
    """The next page: at most `limit` threads, and fewer where they say much. Raises ValidationFailed."""
    rows = await list_queries.newest(db, wanted, after=pagination.after(cursor), limit=limit + 1)
    return await _with_replies(db, rows, limit=limit, room=room)


async def thread(db: AsyncSession, root: Comment) -> Listed:
    """One thread."""
    return await _with_replies(db, [Weighed(root.id, 0)], limit=1, room=ROOM)


async def replies(
    db: AsyncSession, root: Comment, *, cursor: str | None, limit: int
) -> tuple[list[Comment], str | None]:
    """The next page of all replies to a comment, newest first. Raises ValidationFailed."""
    wanted = list_queries.replies_to(root.id)
    rows = await list_queries.newest(db, wanted, after=pagination.after(cursor), limit=limit + 1)
    fitting = _fitting([row.characters + _AROUND_REPLY for row in rows], limit=limit, room=ROOM)
    shown, following = pagination.cut(rows, fitting)
    found = await list_queries.load(db, [row.id for row in shown])
    return [found[row.id] for row in shown if row.id in found], following


async def _with_replies(db: AsyncSession, rows: Sequence[Weighed], *, limit: int, room: int) -> Listed:
    newest = await list_queries.newest_replies(db, [row.id for row in rows], each=SHOWN_REPLIES)
    characters = Counter({row.id: row.characters + _AROUND_THREAD for row in rows})
    for reply in newest:
        characters[reply.parent_id] += reply.characters + _AROUND_REPLY
    fitting = _fitting([characters[row.id] for row in rows], limit=limit, room=room)
    shown, following = pagination.cut(rows, fitting)
    ids = [row.id for row in shown]
    said = [reply for reply in newest if reply.parent_id in set(ids)]
    found = await list_queries.load(db, [*ids, *(reply.id for reply in said)])
    listed: dict[UUID, list[Comment]] = {id: [] for id in ids}
    earlier: dict[UUID, int] = dict.fromkeys(ids, 0)
    for reply in said:
        if reply.id in found:
            listed[reply.parent_id].append(found[reply.id])
            earlier[reply.parent_id] = max(0, reply.replies - SHOWN_REPLIES)
    roots = [found[id] for id in ids if id in found]
    return Listed(roots=roots, replies=listed, earlier=earlier, next_cursor=following)


def _fitting(characters: Sequence[int], *, limit: int, room: int) -> int:
    """How many of them there is room for; always for the first."""
    count = 0
    for found in characters[:limit]:
        room -= found
        if room < 0 and count:
            break
        count += 1
    return max(1, count)
