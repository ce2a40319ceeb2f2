"""Immutable snapshots of resumes."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.assets import photos
from api.contents import codec, writing
from api.contents.snapshots import Restored, SectionState, digest, thaw
from api.resumes.models import Resume
from api.versions import queries
from api.versions.models import Version
from api.versions.schemas import VersionRead
from common.contracts.versions import SectionStyle
from common.db import insertion
from common.ids import new_id, now
from common.problems import NotFound, Problem
from common.schemas import read as read_as


class VersionNotFound(NotFound):
    title = "Version not found"


class VersionNeeded(Problem):
    status, code, title = 409, "VERSION_NEEDED", "An export or a shared link needs this version"


class VersionNamedAlready(Problem):
    status, code, title = 409, "VERSION_NAMED_ALREADY", "The version that says this has another name"


class Taken(msgspec.Struct, frozen=True):
    """What a resume says and how it is laid out, as canonical JSON, and the hash of both."""

    content: bytes
    layout: bytes
    sha256: str


async def freeze(
    db: AsyncSession, resume: Resume, *, reason: str, name: str | None = None
) -> tuple[Version, bool]:
    """A version of what `resume` (held for a change) says now, and whether it is new; the same twice is one.

    A version that has no name takes `name`. Raises VersionNamedAlready if it has another one.
    """
    if (known := await queries.noted(db, resume)) is not None:
        return _named(known, name), False
    version, is_new = await _store(db, resume, await _take(db, resume), reason=reason, name=name)
    await queries.note(db, resume, frozen_as=version.id, at=now())
    return version, is_new


async def freeze_if_new(db: AsyncSession, resume: Resume, *, reason: str) -> None:
    """A version of what `resume` says now, unless its newest one says the same, whatever it is titled."""
    taken = await _take(db, resume)
    newest = await queries.newest(db, resume.id)
    if newest is None or newest.sha256 != taken.sha256:
        await _store(db, resume, taken, reason=reason)
    resume.frozen_at = now()


async def freeze_restored(db: AsyncSession, resume: Resume, *, of: Version) -> Version:
    """A version of its own for what `resume` says again since the version `of` was restored."""
    number = await queries.last_number(db, resume.id) + 1
    taken = await _take(db, resume, Restored(of=of.number, number=number))
    version, _ = await _store(db, resume, taken, reason="restore")
    resume.frozen_at = now()
    return version


async def _take(db: AsyncSession, resume: Resume, restored: Restored | None = None) -> Taken:
    snapshot = await writing.read(db, resume)
    content, layout = snapshot.content(), snapshot.layout(restored)
    return Taken(content, layout, digest(content, layout))


async def _store(
    db: AsyncSession, resume: Resume, taken: Taken, *, reason: str, name: str | None = None
) -> tuple[Version, bool]:
    known, last_number = await queries.same_and_last(db, resume, taken.sha256)
    if known is not None:
        return _named(known, name), False
    version = Version(
        id=new_id(),
        resume_id=resume.id,
        owner_id=resume.owner_id,
        number=last_number + 1,
        name=name,
        title=resume.title,
        language=resume.language,
        sha256=taken.sha256,
        reason=reason,
        content=taken.content.decode(),
        layout=taken.layout.decode(),
        created_at=now(),
    )
    await db.execute(*insertion(version))
    return version, True


def _named(known: Version, name: str | None) -> Version:
    """The version with `name` if it had none. Raises VersionNamedAlready."""
    if name is not None and known.name not in {None, name}:
        raise VersionNamedAlready(
            f"Version {known.id} says this already and is named {known.name!r}. "
            f"To rename it: `PATCH /versions/{known.id}`."
        )
    known.name = known.name or name
    return known


async def get(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version:
    version = await queries.find(db, version_id, owner_id=owner_id)
    if version is None:
        raise VersionNotFound
    return version


async def whole(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version:
    """A version with what it says."""
    version = await queries.with_content(db, version_id, owner_id=owner_id)
    if version is None:
        raise VersionNotFound
    return version


async def read(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> bytes:
    """A version with its content as JSON."""
    version = await whole(db, version_id, owner_id=owner_id)
    known = msgspec.to_builtins(shape(version))
    raw = {name: msgspec.Raw(getattr(version, name).encode()) for name in ("content", "layout")}
    return msgspec.json.encode(known | raw)


async def rename(db: AsyncSession, version_id: UUID, *, owner_id: UUID, name: str | None) -> Version:
    version = await get(db, version_id, owner_id=owner_id)
    version.name = name
    await db.flush()
    return version


async def delete(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> None:
    """Raises VersionNotFound, VersionNeeded."""
    version = await queries.hold(db, version_id, owner_id=owner_id)
    if version is None:
        raise VersionNotFound
    if await queries.needed(db, version.id, at=now()):
        raise VersionNeeded("Revoke the link first; files of exports are kept for 30 days.")
    await queries.remove(db, [version.id])


async def frozen(db: AsyncSession, version_id: UUID) -> bytes:
    """A version as other services read it (`FrozenVersion`): without what is hidden, and with numbers beyond a double
    as strings."""
    found = await queries.for_services(db, version_id)
    if found is None:
        raise VersionNotFound
    version, kind = found
    snapshot = thaw(version.content, version.layout)
    basics = None if snapshot.basics is None else codec.decode(snapshot.basics)
    return msgspec.json.encode(
        {
            "id": version.id,
            "sha256": version.sha256,
            "title": version.title,
            "language": version.language,
            "kind": kind,
            "createdAt": version.created_at,
            "content": msgspec.Raw(codec.plain(snapshot.visible())),
            "sections": [_style(section) for section in snapshot.sections if section.visible],
            "photo": await photos.of_basics(db, basics, owner_id=version.owner_id),
        }
    )


def shape(version: Version) -> VersionRead:
    return read_as(VersionRead, version)


def _style(section: SectionState) -> SectionStyle:
    same = ("name", "kind", "title", "columns", "page_break_before", "keep_together")
    return SectionStyle(**{name: getattr(section, name) for name in same})
