"""Diffs of versions: against the version before, another one, or what the resume says now."""

import asyncio
import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents.snapshots import Snapshot, digest
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.versions import queries
from api.versions import service as versions
from api.versions.diffs import words
from api.versions.diffs.changes import Change, DiffRead, Side, summary
from api.versions.diffs.differences import between
from api.versions.diffs.states import NOTHING, Frozen, alone, states
from api.versions.models import Version
from common.db import Database
from common.problems import FieldError, ValidationFailed

CURRENT = "current"
# Not all threads at once: others need them too.
_comparing = asyncio.Semaphore(2)


class Compared(msgspec.Struct, frozen=True):
    """One of the two, and how it is called in the answer."""

    side: Side
    frozen: Frozen


async def read(
    database: Database,
    version_id: UUID,
    *,
    owner_id: UUID,
    against: str | None,
    limit: int,
    cursor: str | None,
) -> bytes:
    """`DiffRead` as JSON: what makes the version of what it is compared with.

    Comparing large documents takes up to a second, so it is done in a thread, with no session open.
    Raises VersionNotFound, ValidationFailed.
    """
    other: Version | tuple[Resume, Snapshot] | None
    async with database.read() as db:
        version = await versions.whole(db, version_id, owner_id=owner_id)
        if against == CURRENT:
            resume = await resumes.get(db, version.resume_id, owner_id=owner_id)
            other = (resume, await writing.read(db, resume))
        else:
            other = await _other(db, version, against, owner_id=owner_id)
    async with _comparing:
        return await asyncio.to_thread(_answer, version, other, limit, cursor)


async def _other(
    db: AsyncSession, version: Version, against: str | None, *, owner_id: UUID
) -> Version | None:
    if against is None:
        return await queries.before(db, version)
    return await versions.whole(db, _id(against), owner_id=owner_id)


def _answer(
    version: Version, other: Version | tuple[Resume, Snapshot] | None, limit: int, cursor: str | None
) -> bytes:
    to = _frozen(version)
    if other is None:
        before, pair = None, (NOTHING, alone(to.frozen))
    else:
        before = _current(*other) if isinstance(other, tuple) else _frozen(other)
        pair = states(before.frozen, to.frozen)
    changes = between(*pair)
    mark = f"{before.side.sha256[:16] if before else ''}-{to.side.sha256[:16]}"
    start = _start(cursor, mark)
    budget = words.Budget()
    page = [_coloured(change, budget) for change in changes[start : start + limit]]
    following = _cursor(start + limit, mark) if start + limit < len(changes) else None
    found = DiffRead(
        from_=before.side if before else None,
        to=to.side,
        changes=page,
        summary=summary(changes),
        next_cursor=following,
    )
    return codec.encode(found)


def _frozen(version: Version) -> Compared:
    side = Side(
        version_id=version.id,
        number=version.number,
        name=version.name,
        title=version.title,
        language=version.language,
        sha256=version.sha256,
        at=version.created_at,
    )
    frozen = Frozen(
        resume_id=version.resume_id,
        title=version.title,
        language=version.language,
        content=version.content,
        layout=version.layout,
    )
    return Compared(side, frozen)


def _current(resume: Resume, snapshot: Snapshot) -> Compared:
    content, layout = snapshot.content(), snapshot.layout()
    side = Side(
        version_id=None,
        number=None,
        name=None,
        title=resume.title,
        language=resume.language,
        sha256=digest(content, layout),
        at=resume.updated_at,
    )
    frozen = Frozen(
        resume_id=resume.id,
        title=resume.title,
        language=resume.language,
        content=content.decode(),
        layout=layout.decode(),
    )
    return Compared(side, frozen)


def _coloured(change: Change, budget: words.Budget) -> Change:
    """`change` with the words that differ, if it is one of a text and not too much to look at."""
    if change.op == "change" and isinstance(change.before, str) and isinstance(change.after, str):
        return msgspec.structs.replace(change, words=words.compare(change.before, change.after, budget))
    return change


def _id(against: str) -> UUID:
    try:
        return UUID(against)
    except ValueError as error:
        raise _refuse("$.against", f"Neither the id of a version nor `{CURRENT}`.") from error


def _cursor(offset: int, mark: str) -> str:
    return urlsafe_b64encode(f"{offset}:{mark}".encode()).decode().rstrip("=")


def _start(cursor: str | None, mark: str) -> int:
    """Where the page begins. Raises ValidationFailed if the cursor is of a comparison of something else."""
    if cursor is None:
        return 0
    try:
        offset, _, of = urlsafe_b64decode(cursor + "==").decode("ascii").partition(":")
        if of == mark and offset.isdecimal() and len(offset) < 10:
            return int(offset)
    except (binascii.Error, ValueError) as error:
        raise _refuse("$.cursor", "Not a cursor that this diff gave.") from error
    raise _refuse("$.cursor", "What is compared has changed: begin again without a cursor.")


def _refuse(path: str, message: str) -> ValidationFailed:
    return ValidationFailed(message, errors=[FieldError(path, message)])
