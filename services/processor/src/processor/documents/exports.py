"""The export job: fetch a version, render it, store the file. The same document is never rendered twice."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.blobs import BlobMissing, Blobs, BlobsUnavailable
from common.contracts.jobs import EmailJob, ExportJob, Job
from common.contracts.versions import FrozenVersion
from common.db import Database
from common.ids import now
from common.jobs import JobPostponed, JobRejected, enqueue
from processor.documents.addresses import BUCKET, ENDINGS, content_address, object_key
from processor.documents.models import RenderedDocument
from processor.documents.versions import Versions
from processor.jobs.runner import Done, Running
from processor.rendering import (
    EngineUnavailable,
    InvalidOption,
    Renderer,
    RenderFailed,
    RenderTimedOut,
    Template,
    Wanted,
    resolve_options,
)
from processor.rendering.documents import Document

MEDIA_TYPE = "application/pdf"
_MEDIA_TYPES = {"pdf": MEDIA_TYPE, "og-image": "image/png"}
Templates = Mapping[tuple[str, int], Template]


class Stored(msgspec.Struct, frozen=True):
    """A document in the object storage. `cached`: it was copied from an earlier export of the same content."""

    bucket: str
    key: str
    size: int
    sha256: str
    cached: bool


class Exports:
    """The work of the job kinds `pdf_generation` and `export` (of other formats). `home` is the address that the mail links to."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: Blobs,
        versions: Versions,
        renderer: Renderer,
        templates: Templates,
        home: str,
    ) -> None:
        self._database, self._blobs, self._versions = database, blobs, versions
        self._renderer, self._templates, self._home = renderer, templates, home

    async def __call__(self, running: Running) -> Done:
        wanted = _payload(running.job.payload)
        template, options = self._look(wanted)
        await running.enter("fetching", 0.1)
        version = await self._versions.get(wanted.version_id)
        address = content_address(version, template, options, wanted.format)
        key = object_key(running.job.id, wanted.file_name, wanted.format)
        await running.enter("copying", 0.2, can_stop=False)
        stored = await self._copy(address, key)
        if stored is None:
            await running.enter("rendering", 0.3)
            document = await self._render(wanted.format, template, version, options)
            await running.enter("storing", 0.8, can_stop=False)
            stored = await self._store(key, document, media_type=_MEDIA_TYPES[wanted.format])

        async def record(db: AsyncSession) -> None:
            await _remember(db, address, stored)
            if wanted.notify:
                _notify(db, running.job.id, wanted, version, home=self._home)

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

    def _look(self, wanted: ExportJob) -> tuple[Template, dict[str, Any]]:
        template = self._templates.get((wanted.template, wanted.template_version))
        if template is None:
            raise JobRejected(f"There is no template {wanted.template} {wanted.template_version}.")
        try:
            return template, resolve_options(template, wanted.options)
        except InvalidOption as error:
            raise JobRejected(str(error)) from error

    async def _copy(self, address: str, key: str) -> Stored | None:
        """The document from an earlier export, copied on the server; None if it was not made or is deleted."""
        async with self._database.read() as db:
            known = await db.get(RenderedDocument, address)
        if known is None or known.key == key:
            return None
        try:
            await self._blobs.copy(known.bucket, known.key, key)
        except BlobMissing:
            return None
        except BlobsUnavailable as error:
            raise JobPostponed("the object storage is not available") from error
        return Stored(known.bucket, key, known.size, known.sha256, cached=True)

    async def _render(
        self, format: str, template: Template, version: FrozenVersion, options: dict[str, Any]
    ) -> bytes:
        document = Document(version.content, version.language, version.title, version.sections, version.kind)
        try:
            if format == "og-image":
                return await self._renderer.card(template, document, options)
            return (await self._renderer.render(Wanted(template, document, options, "pdf"))).files[0]
        except EngineUnavailable as error:
            raise JobPostponed(str(error)) from error
        except RenderTimedOut:
            raise
        except RenderFailed as error:
            raise JobRejected(str(error)) from error  # it would fail the same way again

    async def _store(self, key: str, document: bytes, *, media_type: str) -> Stored:
        try:
            await self._blobs.put(BUCKET, key, document, content_type=media_type)
        except (BlobMissing, BlobsUnavailable) as error:
            # What can be missing is the bucket, which is made as soon as the storage is there.
            raise JobPostponed("the object storage is not available") from error
        return Stored(BUCKET, key, len(document), hashlib.sha256(document).hexdigest(), cached=False)


def _payload(payload: dict[str, Any]) -> ExportJob:
    try:
        wanted = msgspec.convert(payload, ExportJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from error
    if wanted.format not in ENDINGS:
        raise JobRejected(f"The format {wanted.format} is not made here.")
    return wanted


async def _remember(db: AsyncSession, address: str, stored: Stored) -> None:
    if not stored.cached:
        await db.merge(
            RenderedDocument(
                address=address,
                bucket=stored.bucket,
                key=stored.key,
                size=stored.size,
                sha256=stored.sha256,
                created_at=now(),
            )
        )


def _notify(db: AsyncSession, job_id: UUID, wanted: ExportJob, version: FrozenVersion, *, home: str) -> None:
    mail = EmailJob(template="export-ready", data={"title": version.title, "link": home})
    enqueue(db, mail, kind=EmailJob.KIND, user_id=wanted.user_id, unique_key=f"export-ready.{job_id}")
