"""Immutable snapshots of resumes."""

import hashlib
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec
from api.contents import service as contents
from api.resumes.models import Resume
from api.versions import queries
from api.versions.models import Version
from api.versions.schemas import VersionRead
from common.ids import new_id
from common.problems import NotFound


class VersionNotFound(NotFound):
    title = "Version not found"


async def freeze(db: AsyncSession, resume: Resume, *, name: str | None = None) -> tuple[Version, bool]:
    """A version of what `resume` (held for a change) says now, and whether it is new; the same twice is one.

    A `name` for a version that has none is kept.
    """
    content = codec.canonical(codec.decode(await contents.read(db, resume)))
    sha256 = hashlib.sha256(content).hexdigest()
    known = await queries.same(db, resume, sha256)
    if known is not None:
        known.name = known.name or name
        return known, False
    version = Version(
        id=new_id(),
        resume_id=resume.id,
        owner_id=resume.owner_id,
        number=await queries.last_number(db, resume.id) + 1,
        name=name,
        title=resume.title,
        language=resume.language,
        sha256=sha256,
        content=content.decode(),
    )
    db.add(version)
    await db.flush()
    return version, True


async def get(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> Version:
    version = await queries.find(db, version_id, owner_id=owner_id)
    if version is None:
        raise VersionNotFound
    return version


async def read(db: AsyncSession, version_id: UUID, *, owner_id: UUID) -> bytes:
    """A version with its content as JSON."""
    version = await queries.with_content(db, version_id, owner_id=owner_id)
    if version is None:
        raise VersionNotFound
    known = msgspec.to_builtins(shape(version))
    return msgspec.json.encode(known | {"content": msgspec.Raw(version.content.encode())})


async def frozen(db: AsyncSession, version_id: UUID) -> bytes:
    """A version as other services read it (`FrozenVersion`): numbers beyond a double are strings in it."""
    version = await queries.for_services(db, version_id)
    if version is None:
        raise VersionNotFound
    return msgspec.json.encode(
        {
            "id": version.id,
            "sha256": version.sha256,
            "title": version.title,
            "language": version.language,
            "content": msgspec.Raw(codec.plain(version.content)),
        }
    )


def shape(version: Version) -> VersionRead:
    return VersionRead(
        id=version.id,
        resume_id=version.resume_id,
        number=version.number,
        name=version.name,
        title=version.title,
        language=version.language,
        sha256=version.sha256,
        created_at=version.created_at,
    )
