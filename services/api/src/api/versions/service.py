"""Immutable snapshots of resumes."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents.snapshots import SectionState, digest, thaw
from api.resumes.models import Resume
from api.versions import queries
from api.versions.models import Version
from api.versions.schemas import VersionRead
from common.contracts.versions import SectionStyle
from common.ids import new_id, now
from common.problems import NotFound
from common.schemas import read as read_as


class VersionNotFound(NotFound):
    title = "Version not found"


async def freeze(
    db: AsyncSession, resume: Resume, *, reason: str, name: str | None = None
) -> tuple[Version, bool]:
    """A version of what `resume` (held for a change) says now, and whether it is new; the same twice is one.

    A `name` for a version that has none is kept.
    """
    snapshot = await writing.read(db, resume)
    content, layout = snapshot.content(), snapshot.layout()
    sha256 = digest(content, layout)
    resume.frozen_at = now()
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
        reason=reason,
        content=content.decode(),
        layout=layout.decode(),
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
    raw = {name: msgspec.Raw(getattr(version, name).encode()) for name in ("content", "layout")}
    return msgspec.json.encode(known | raw)


async def frozen(db: AsyncSession, version_id: UUID) -> bytes:
    """A version as other services read it (`FrozenVersion`): without what is hidden, and with numbers beyond a double
    as strings."""
    version = await queries.for_services(db, version_id)
    if version is None:
        raise VersionNotFound
    snapshot = thaw(version.content, version.layout)
    return msgspec.json.encode(
        {
            "id": version.id,
            "sha256": version.sha256,
            "title": version.title,
            "language": version.language,
            "content": msgspec.Raw(codec.plain(snapshot.visible())),
            "sections": [_style(section) for section in snapshot.sections if section.visible],
        }
    )


def shape(version: Version) -> VersionRead:
    return read_as(VersionRead, version)


def _style(section: SectionState) -> SectionStyle:
    same = ("name", "kind", "title", "columns", "page_break_before", "keep_together")
    return SectionStyle(**{name: getattr(section, name) for name in same})
