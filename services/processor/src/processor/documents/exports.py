"""The export job: fetch a version, make the file, store it. The same document is never made twice."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.blobs import BlobMissing, Blobs, BlobsUnavailable
from common.contracts.documents import RenderWarning
from common.contracts.jobs import EmailJob, ExportJob, Job, Priority
from common.contracts.versions import FrozenVersion
from common.db import Database
from common.http import ServiceUnavailable
from common.ids import now
from common.jobs import JobPostponed, JobRejected, enqueue
from processor.documents import photos, queries
from processor.documents.addresses import BUCKET, MADE, content_address, object_key
from processor.documents.making import STANDARDS, Made, make
from processor.documents.photos import Photos
from processor.documents.versions import Versions
from processor.jobs.attempts import Attempt
from processor.jobs.runner import Done, Running
from processor.rendering import (
    BrowserMissing,
    EngineUnavailable,
    InvalidOption,
    Renderer,
    RenderFailed,
    RenderTimedOut,
    Template,
    resolve_options,
)
from processor.rendering.documents import Document
from processor.uploads.shelf import Shelf

MEDIA_TYPE = MADE["pdf"].media_type


class Stored(msgspec.Struct, frozen=True, rename="camel"):
    """A document in the object storage. `cached`: it was copied from an earlier export of the same content."""

    bucket: str
    key: str
    size: int
    sha256: str
    cached: bool
    media_type: str
    pages: int | None
    warnings: list[RenderWarning]


class _Wanted(msgspec.Struct, frozen=True):
    """What is to be exported, all of it looked up and found right."""

    job: ExportJob
    template: Template
    options: dict[str, Any]


class Exports:
    """The work of the job kinds `pdf_generation` and `export` (of other formats). `home` is the address that the mail links to."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: Blobs,
        versions: Versions,
        photos: Photos,
        renderer: Renderer,
        shelf: Shelf,
        home: str,
    ) -> None:
        self._database, self._blobs = database, blobs
        self._versions, self._photos = versions, photos
        self._renderer, self._shelf, self._home = renderer, shelf, home

    async def __call__(self, running: Running) -> Done:
        wanted = await self._look(_payload(running.job.payload))
        job = wanted.job
        await running.enter("fetching", 0.1)
        version = await self._versions.get(job.version_id)
        document, warnings = await self._document(wanted, version)
        address = content_address(
            version.sha256,
            document,
            wanted.template,
            wanted.options,
            job.format,
            standard=job.standard,
            engine=await self._renderer.version(wanted.template),
        )
        key = object_key(running.job.id, job.file_name, job.format)
        await running.enter("copying", 0.2, can_stop=False)
        stored = await self._copy(address, key, job.format)
        if stored is None:
            await running.enter("rendering", 0.3)
            made = await self._make(wanted, document, _priority(running.attempt))
            made = msgspec.structs.replace(made, warnings=_without_text([*warnings, *made.warnings]))
            await running.enter("storing", 0.8, can_stop=False)
            stored = await self._store(key, made, job.format)

        async def record(db: AsyncSession) -> None:
            await _remember(db, address, stored)
            if job.notify:
                _notify(db, running.job.id, job, version, home=self._home)

        return Done(msgspec.to_builtins(stored), record)

    async def undo(self, job: Job) -> None:
        """Delete what a cancelled job may have stored. Raises JobPostponed while the storage is away."""
        try:
            wanted = _payload(job.payload)
        except JobRejected:
            return
        try:
            await self._blobs.delete(BUCKET, object_key(job.id, wanted.file_name, wanted.format))
        except BlobsUnavailable as error:
            raise JobPostponed("the object storage is not available") from error

    async def _look(self, job: ExportJob) -> _Wanted:
        template = await self._shelf.find(job.template, job.template_version, user_id=job.user_id)
        if template is None:
            raise JobRejected(f"There is no template {job.template} {job.template_version}.")
        try:
            return _Wanted(job, template, resolve_options(template, job.options))
        except InvalidOption as error:
            raise JobRejected(str(error)) from error

    async def _document(
        self, wanted: _Wanted, version: FrozenVersion
    ) -> tuple[Document, list[RenderWarning]]:
        """The document, with its photo if that is to be shown, and what its owner should know of that."""
        has_photo = MADE[wanted.job.format].has_photo and wanted.options.get("photo", "none") != "none"
        try:
            found = await self._photos.of_version(version) if has_photo else photos.NONE
        except (BlobsUnavailable, ServiceUnavailable) as error:
            raise JobPostponed("what keeps the photo is not available") from error
        document = Document(
            version.content,
            version.language,
            version.title,
            version.sections,
            version.kind,
            found.photo,
            version.created_at.date() if version.created_at else None,
        )
        return document, found.warnings

    async def _copy(self, address: str, key: str, format: str) -> Stored | None:
        """The document from an earlier export, copied on the server; None if it was not made or is deleted."""
        async with self._database.read() as db:
            known = await queries.known(db, address)
        if known is None or known.key == key:
            return None
        try:
            await self._blobs.copy(known.bucket, known.key, key)
        except BlobMissing:
            async with self._database.write() as db:
                await queries.drop(db, address, known.key)
            return None
        except BlobsUnavailable as error:
            raise JobPostponed("the object storage is not available") from error
        return Stored(
            known.bucket,
            key,
            known.size,
            known.sha256,
            cached=True,
            media_type=MADE[format].media_type,
            pages=known.pages,
            warnings=_without_text(msgspec.convert(known.warnings or [], list[RenderWarning])),
        )

    async def _make(self, wanted: _Wanted, document: Document, priority: Priority) -> Made:
        try:
            return await make(
                self._renderer,
                wanted.job.format,
                wanted.template,
                document,
                wanted.options,
                standard=wanted.job.standard,
                priority=priority,
                user=str(wanted.job.user_id),
            )
        except BrowserMissing as error:
            raise JobRejected(str(error)) from error
        except EngineUnavailable as error:
            raise JobPostponed(str(error)) from error
        except RenderTimedOut:
            raise
        except RenderFailed as error:
            raise JobRejected(str(error)) from error  # it would fail the same way again

    async def _store(self, key: str, made: Made, format: str) -> Stored:
        media_type = MADE[format].media_type
        try:
            await self._blobs.put(BUCKET, key, made.data, content_type=media_type)
        except (BlobMissing, BlobsUnavailable) as error:
            # What can be missing is the bucket, which is made as soon as the storage is there.
            raise JobPostponed("the object storage is not available") from error
        sha256 = hashlib.sha256(made.data).hexdigest()
        return Stored(
            BUCKET,
            key,
            len(made.data),
            sha256,
            cached=False,
            media_type=media_type,
            pages=made.pages,
            warnings=made.warnings,
        )


def _priority(attempt: Attempt) -> Priority:
    """That of the job. Who waits has waited in vain after an attempt that failed: what has to end soon then, because somebody
    waits for it, may have failed for just that, and would each time."""
    is_late = attempt.number > 1 and attempt.job.priority == "interactive"
    return "normal" if is_late else attempt.job.priority


def _without_text(warnings: Sequence[RenderWarning]) -> list[RenderWarning]:
    """The warnings as they may be kept, and seen by staff: without the pieces of the document that they are about. What is
    said several times then is said once."""
    return list(dict.fromkeys(msgspec.structs.replace(warning, text=None) for warning in warnings))


def _payload(payload: dict[str, Any]) -> ExportJob:
    try:
        wanted = msgspec.convert(payload, ExportJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from error
    if wanted.format not in MADE:
        raise JobRejected(f"The format {wanted.format} is not made here.")
    if wanted.standard not in STANDARDS:
        raise JobRejected(f"The standard {wanted.standard} is not known here.")
    return wanted


async def _remember(db: AsyncSession, address: str, stored: Stored) -> None:
    if not stored.cached:
        await queries.remember(
            db,
            address=address,
            bucket=stored.bucket,
            key=stored.key,
            size=stored.size,
            sha256=stored.sha256,
            pages=stored.pages,
            warnings=msgspec.to_builtins(stored.warnings),
            created_at=now(),
        )


def _notify(db: AsyncSession, job_id: UUID, wanted: ExportJob, version: FrozenVersion, *, home: str) -> None:
    data = {"title": version.title, "format": wanted.format, "link": home}
    mail, key = EmailJob(template="export-ready", data=data), f"export-ready.{job_id}"
    enqueue(db, mail, kind=EmailJob.KIND, user_id=wanted.user_id, priority="bulk", unique_key=key)
