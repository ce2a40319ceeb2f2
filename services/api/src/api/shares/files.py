"""The files of a link: the PDF of what it shows, and the picture of it. Each is made once for what it is made of, when
somebody first wants it, by the processor, as an export."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.snapshots import digest
from api.exports import service as exports
from api.exports.models import Export
from api.jobs.models import JobStatus
from api.resumes import service as resumes
from api.shares import file_queries, showing
from api.shares.access import Shared
from api.shares.models import ShareFile
from api.shares.showing import Made, Shown
from api.versions import queries as version_queries
from api.versions import service as versions
from api.versions.models import Version
from common.blobs import BlobMissing, Blobs, BlobsUnavailable
from common.db import Database
from common.ids import new_id, now

log = structlog.get_logger()

PDF, CARD = "pdf", "og-image"
RENEWED_AFTER = timedelta(days=28)
"""Files of exports are deleted after 30 days."""
TRIED_AGAIN_AFTER = timedelta(minutes=10)
"""What could not be made is not asked for again before that."""


class Files:
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    async def pdf(self, shared: Shared, made: Made) -> str | None:
        """An address that gives the PDF for a while; None as long as it is being made."""
        export = await self._export(shared, PDF, made.name, source=f"{shared.source}.{shared.resume_version}")
        if export is None:
            return None
        bucket, key = export
        return self._blobs.download_url(bucket, key, file_name=exports.file_name(made.name, PDF))

    async def card(self, shared: Shared, made: Made) -> bytes | None:
        """The picture; None as long as there is none. Of many changes few change what it shows."""
        export = await self._export(shared, CARD, made.name, source=made.card)
        if export is None:
            return None
        try:
            return await self._blobs.get(*export)
        except (BlobMissing, BlobsUnavailable) as error:
            log.warning("share_picture_missing", reason=type(error).__name__)
            return None

    async def _export(self, shared: Shared, format: str, name: str, *, source: str) -> tuple[str, str] | None:
        """Where the file lies. Where none was asked for yet, this asks for it, in a transaction of its own."""
        share = shared.share
        async with self._database.read() as db:
            found = await file_queries.find(db, share.id, format)
        if found is not None and found[0].source == source and not _is_over(*found):
            return _place(*found)
        async with self._database.write() as db:
            # The resume is held: of visitors who come at once, one asks.
            resume = await resumes.hold(db, share.resume_id, owner_id=share.owner_id)
            found = await file_queries.find(db, share.id, format)
            if found is not None and found[0].source == source and not _is_over(*found):
                return _place(*found)
            shown = await showing.read(db, shared)
            version = await self._version(db, shared, shown)
            accepted = await exports.start(db, resume, version, format=format, name=name)
            await file_queries.put(db, share.id, format, source=source, export_id=accepted.export_id)
        return None

    async def _version(self, db: AsyncSession, shared: Shared, shown: Shown) -> Version:
        """The version that shows what the link shows: the processor is never given more than that."""
        share = shared.share
        if share.version_id is not None and share.show_contact:
            return await versions.get(db, share.version_id, owner_id=share.owner_id)
        return await _frozen(db, share.resume_id, share.owner_id, shown, is_whole=share.show_contact)


async def _frozen(
    db: AsyncSession, resume_id: UUID, owner_id: UUID, shown: Shown, *, is_whole: bool
) -> Version:
    content, layout = shown.snapshot.content(), shown.snapshot.layout()
    sha256 = digest(content, layout)
    known = await file_queries.version(
        db, resume_id, sha256=sha256, title=shown.title, language=shown.language
    )
    if known is not None:
        return known
    version = Version(
        id=new_id(),
        resume_id=resume_id,
        owner_id=owner_id,
        number=await version_queries.last_number(db, resume_id) + 1,
        name=None if is_whole else "Shared without contact details",
        title=shown.title,
        language=shown.language,
        sha256=sha256,
        reason="share",
        content=content.decode(),
        layout=layout.decode(),
    )
    db.add(version)
    await db.flush()
    return version


def _place(_file: ShareFile, export: Export, job: JobStatus) -> tuple[str, str] | None:
    if job.state != "succeeded" or not export.bucket or not export.key:
        return None
    return export.bucket, export.key


def _is_over(file: ShareFile, _export: Export, job: JobStatus) -> bool:
    """Whether the file is asked for anew: it could not be made, or is about to be deleted."""
    is_lost = job.state in {"failed", "cancelled"}
    return file.created_at < _before(TRIED_AGAIN_AFTER if is_lost else RENEWED_AFTER)


def _before(age: timedelta) -> datetime:
    return now() - age
