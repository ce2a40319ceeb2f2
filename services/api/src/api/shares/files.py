"""The files of a link: the PDF of what it shows, and the picture of it. Each is made once for what it is made of, when
somebody first wants it, by the processor, as an export; a picture that anybody may see as soon as there is the link."""

import asyncio
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.snapshots import digest
from api.exports import service as exports
from api.exports.models import Export
from api.jobs.models import JobStatus
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.shares import access, file_queries, showing
from api.shares.access import Shared
from api.shares.models import Share, ShareFile
from api.shares.naming import Naming
from api.shares.showing import Made, Shown
from api.templates.service import UnknownTemplate
from api.versions import queries as version_queries
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
LOOKED_AGAIN_AFTER = 1.0
"""Seconds between looks for a picture that is not there, however often its page is opened."""
MOST_KNOWN = 10_000
"""Pictures that are known to be there, or not to be."""


class Files:
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs
        self._drawn: dict[tuple[UUID, str], tuple[bool, float]] = {}

    async def is_drawn(self, shared: Shared, called: Naming) -> bool:
        """Whether the picture is there, so that its address gives it for good. It is known for a second at least."""
        known = self._drawn.get((shared.share.id, called.card))
        if known is not None and (known[0] or monotonic() - known[1] < LOOKED_AGAIN_AFTER):
            return known[0]
        async with self._database.read() as db:
            found = await file_queries.find(db, shared.share.id, CARD)
        is_there = found is not None and found[0].source == called.card and _place(*found) is not None
        return self._note(shared, called, is_there=is_there)

    def _note(self, shared: Shared, called: Naming, *, is_there: bool) -> bool:
        self._drawn[shared.share.id, called.card] = is_there, monotonic()
        while len(self._drawn) > MOST_KNOWN:
            del self._drawn[next(iter(self._drawn))]
        return is_there

    async def pdf(self, shared: Shared, made: Made) -> str | None:
        """An address that gives the PDF for a while; None as long as it is being made."""
        source = f"{shared.source}.{shared.resume_version}"
        export = await self._export(shared, PDF, made.naming, source=source)
        if export is None:
            return None
        bucket, key = export
        return self._blobs.download_url(bucket, key, file_name=exports.file_name(made.naming.heading, PDF))

    async def card(self, shared: Shared, made: Made) -> bytes | None:
        """The picture; None as long as there is none. Of many changes few change what it shows."""
        export = await self._export(shared, CARD, made.naming, source=made.naming.card)
        drawn: bytes | None = None
        if export is not None:
            try:
                drawn = await self._blobs.get(*export)
            except (BlobMissing, BlobsUnavailable) as error:
                log.warning("share_picture_missing", reason=type(error).__name__)
        self._note(shared, made.naming, is_there=drawn is not None)
        return drawn

    async def _export(
        self, shared: Shared, format: str, called: Naming, *, source: str
    ) -> tuple[str, str] | None:
        """Where the file lies. Where none was asked for yet, this asks for it, in a transaction of its own."""
        async with self._database.read() as db:
            found = await file_queries.find(db, shared.share.id, format)
        if found is not None and found[0].source == source and not _is_over(*found):
            return _place(*found)
        async with self._database.write() as db:
            share = shared.share
            # The resume is held: of visitors who come at once, one asks.
            resume = await resumes.hold(db, share.resume_id, owner_id=share.owner_id)
            shown = await showing.read(db, shared)
            return await _ask(db, resume, shared, shown, format=format, called=called, source=source)


async def draw(db: AsyncSession, resume: Resume, share: Share) -> None:
    """Ask for the picture of a link that may show one, in the transaction that makes it so: whoever is sent the link
    may look at once. `resume` is held."""
    if not (access.is_for_everybody(share) and access.is_open(share, at=now())):
        return
    shared = access.shared(share, resume)
    shown = await showing.read(db, shared)
    called = await asyncio.to_thread(showing.named, shown)
    try:
        await _ask(db, resume, shared, shown, format=CARD, called=called, source=called.card)
    except (
        UnknownTemplate
    ):  # one that was chosen before there was a catalogue; a link is no worse without a picture
        log.warning("share_picture_without_template", share_id=str(share.id))


async def _ask(
    db: AsyncSession,
    resume: Resume,
    shared: Shared,
    shown: Shown,
    *,
    format: str,
    called: Naming,
    source: str,
) -> tuple[str, str] | None:
    """Where the file lies, or nowhere: then it is asked for, unless it is already. `resume` is held."""
    share = shared.share
    found = await file_queries.find(db, share.id, format)
    if found is not None and found[0].source == source and not _is_over(*found):
        return _place(*found)
    version = await _frozen(db, share, shown, called)
    accepted = await exports.start(db, resume, version, format=format, name=called.heading)
    await file_queries.put(db, share.id, format, source=source, export_id=accepted.export_id)
    return None


async def _frozen(db: AsyncSession, share: Share, shown: Shown, called: Naming) -> Version:
    """A version that shows what the link shows, under the name that it has there: the processor is never given more
    than that, since what it is given may be read in the file."""
    content, layout = shown.snapshot.content(), shown.snapshot.layout()
    sha256 = digest(content, layout)
    known = await file_queries.version(
        db, share.resume_id, sha256=sha256, title=called.title, language=shown.language
    )
    if known is not None:
        return known
    version = Version(
        id=new_id(),
        resume_id=share.resume_id,
        owner_id=share.owner_id,
        number=await version_queries.last_number(db, share.resume_id) + 1,
        name=None if share.show_contact else "Shared without contact details",
        title=called.title,
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
