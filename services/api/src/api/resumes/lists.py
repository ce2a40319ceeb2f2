"""Lists of resumes: what may be asked for, and cursors that hold under inserts."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes import listing, service, tags, trash
from api.resumes.listing import Order, Place, Wanted
from api.resumes.models import Resume
from api.resumes.schemas import ResumeFound
from api.search import parsing
from api.search import service as search
from common.ids import now
from common.problems import FieldError, ValidationFailed
from common.schemas import Page

Sort = Literal["-updatedAt", "updatedAt", "-createdAt", "createdAt", "title", "-title"]
_COLUMNS = {"updatedAt": "updated_at", "createdAt": "created_at", "title": "title_key"}
_RELEVANCE = Order(column="updated_at", is_descending=True, by_relevance=True)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is asked for. Without a `sort` the best matches of `q` come first, or what was changed last."""

    kind: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    trash: bool = False
    q: str = ""
    sort: Sort | None = None


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of the list `of` ended."""

    of: str
    value: str
    id: UUID
    score: int = 0


_cursors = msgspec.json.Decoder(_Cursor)


async def find(
    db: AsyncSession, filters: Filters, *, owner_id: UUID, cursor: str | None, limit: int
) -> Page[ResumeFound]:
    """A page of the owner's resumes. Raises ValidationFailed for a cursor of another list."""
    wanted = _wanted(filters, owner_id)
    after = _place(cursor, wanted)
    if filters.q.strip() and not wanted.clauses:
        return Page(items=[])
    rows = await listing.page(db, wanted, after, limit + 1)
    known = await listing.resumes(db, [row.id for row in rows[:limit]])
    shown = [known[row.id] for row in rows[:limit]]
    found = await search.matches(db, shown, wanted.clauses, owner_id=owner_id)
    return Page(
        items=[_shape(resume, found.get(resume.id, []) if wanted.clauses else None) for resume in shown],
        next_cursor=_next(wanted, shown[-1], rows[limit - 1].score) if len(rows) > limit else None,
    )


def _shape(resume: Resume, matches: list[Any] | None) -> ResumeFound:
    found = ResumeFound(**msgspec.structs.asdict(service.shape(resume)))
    if matches is not None:
        found.matches = matches
    return found


def _wanted(filters: Filters, owner_id: UUID) -> Wanted:
    clauses = tuple(parsing.parse(filters.q))
    return Wanted(
        owner_id=owner_id,
        order=_order(filters.sort, is_search=bool(clauses)),
        kind=filters.kind,
        # PostgreSQL has no null character; no tag has either of the two.
        tags=tuple(sorted({tags.key(name.replace("\0", "\1")) for name in filters.tags})),
        language=filters.language.lower() if filters.language else None,
        trashed_since=now() - trash.KEPT_FOR if filters.trash else None,
        clauses=clauses,
    )


def _order(sort: Sort | None, *, is_search: bool) -> Order:
    if sort is None:
        return _RELEVANCE if is_search else Order(column="updated_at", is_descending=True)
    return Order(column=_COLUMNS[sort.removeprefix("-")], is_descending=sort.startswith("-"))


def _fingerprint(wanted: Wanted) -> str:
    """What tells lists apart, but for the moment that the trash is looked at."""
    asked = (
        wanted.order,
        wanted.kind,
        wanted.tags,
        wanted.language,
        wanted.trashed_since is not None,
        wanted.clauses,
    )
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]


def _next(wanted: Wanted, last: Resume, score: int) -> str:
    value = getattr(last, wanted.order.column)
    text = value.isoformat() if isinstance(value, datetime) else value
    cursor = msgspec.json.encode(_Cursor(_fingerprint(wanted), text, last.id, score))
    return urlsafe_b64encode(cursor).decode().rstrip("=")


def _place(cursor: str | None, wanted: Wanted) -> Place | None:
    """Where the page begins; None for the first. Raises ValidationFailed."""
    if cursor is None:
        return None
    try:
        found = _cursors.decode(urlsafe_b64decode(cursor + "=="))
        value = found.value if wanted.order.column == "title_key" else _time(found.value)
    except (msgspec.DecodeError, ValueError) as error:
        raise _refused() from error
    if found.of != _fingerprint(wanted) or "\0" in found.value or not 0 <= found.score <= 2**31 - 1:
        raise _refused()
    return Place(value, found.id, found.score)


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.utcoffset() != timedelta(0):
        raise ValueError("not a time in UTC")
    return at


def _refused() -> ValidationFailed:
    message = "Not a cursor that this list gave: the order and the filters must be the same."
    return ValidationFailed(message, errors=[FieldError("$.cursor", message)])
