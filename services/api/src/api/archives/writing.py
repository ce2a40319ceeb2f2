"""The archive of a resume, as it goes out: piece by piece, so that however many versions there are few are at hand."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.archives import queries
from api.archives.schemas import FORMAT, MOST_VERSIONS, VERSION, ArchivedResume, ArchivedTemplate
from api.contents import service as contents
from api.contents import writing
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.versions import queries as versions
from api.versions.models import Version
from common.db import Database
from common.ids import now
from common.schemas import rfc3339

Which = Literal["named", "all", "none"]
_SAME = ("kind", "title", "language", "direction", "settings", "page_size", "tags")


class Outgoing(msgspec.Struct, frozen=True):
    """An archive under way: the title of its resume, and its JSON."""

    title: str
    body: AsyncIterator[bytes]


async def archive(database: Database, resume_id: UUID, *, owner_id: UUID, which: Which) -> Outgoing:
    """The archive of a resume. Raises ResumeNotFound; what is said of it afterwards is of the moment of this call."""
    async with database.read() as db:
        resume = await resumes.get(db, resume_id, owner_id=owner_id)
        head = await _head(db, resume)
        ids: Sequence[UUID] = []
        if which != "none":
            ids = await queries.versions(
                db, resume.id, owner_id=owner_id, named=which == "named", limit=MOST_VERSIONS
            )
    return Outgoing(resume.title, _pieces(database, head, ids, owner_id))


async def _head(db: AsyncSession, resume: Resume) -> dict[str, Any]:
    snapshot = await writing.read(db, resume)
    template = ArchivedTemplate(id=resume.template, version=resume.template_version)
    return {
        "format": FORMAT,
        "version": VERSION,
        "exportedAt": rfc3339(now()),
        "resume": ArchivedResume(template=template, **{name: getattr(resume, name) for name in _SAME}),
        "content": msgspec.Raw(await contents.read(db, resume)),
        "layout": msgspec.Raw(snapshot.layout()),
    }


async def _pieces(
    database: Database, head: dict[str, Any], ids: Sequence[UUID], owner_id: UUID
) -> AsyncIterator[bytes]:
    """No session is open while somebody takes the pieces, however slowly. A version that is deleted meanwhile is not
    in the archive."""
    yield msgspec.json.encode(head)[:-1] + b',"versions":['
    separator = b""
    for version_id in ids:
        async with database.read() as db:
            version = await versions.with_content(db, version_id, owner_id=owner_id)
        if version is not None:
            yield separator + _piece(version)
            separator = b","
    yield b"]}"


def _piece(version: Version) -> bytes:
    return msgspec.json.encode(
        {
            "number": version.number,
            "name": version.name,
            "title": version.title,
            "language": version.language,
            "reason": version.reason,
            "createdAt": version.created_at,
            "sha256": version.sha256,
            "content": msgspec.Raw(version.content.encode()),
            "layout": msgspec.Raw(version.layout.encode()),
        }
    )
