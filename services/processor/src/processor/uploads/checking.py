"""The job that checks an uploaded template: it is tried with made-up documents, in a process that can do nothing else."""

import time
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.blobs import Blobs, BlobsUnavailable
from common.contracts.jobs import TemplateCheckJob
from common.db import Database
from common.jobs import JobPostponed, JobRejected
from processor.catalogue import publishing
from processor.jobs.runner import Done, Running
from processor.rendering import EngineUnavailable, Renderer, RenderFailed, Template, Wanted, samples
from processor.uploads import queries, service
from processor.uploads.models import Upload
from processor.uploads.schemas import Report, SampleReport
from processor.uploads.shelf import Shelf


class TemplateChecks:
    """The work of the job kind `template_check`."""

    def __init__(self, *, database: Database, blobs: Blobs, shelf: Shelf, renderer: Renderer) -> None:
        self._database, self._blobs, self._shelf, self._renderer = database, blobs, shelf, renderer

    async def __call__(self, running: Running) -> Done:
        wanted = _payload(running.job.payload)
        async with self._database.read() as db:
            row = await queries.with_archive(db, wanted.upload_id)
        if row is None or row.sha256 != wanted.sha256 or row.state != "checking":
            raise JobRejected("Another archive has taken the place of this one.")
        template = await self._shelf.unpacked(row)
        await running.enter("rendering", 0.1)
        report = Report(samples=await self._tried(template))
        await running.enter("storing", 0.8)
        previews = await self._stored(template) if report.is_good else []

        async def record(db: AsyncSession) -> None:
            current = await queries.find(db, row.id, uploaded_by=None)
            if current is not None and _is_same(current, row):
                service.conclude(db, current, template, report, previews)

        return Done({"isGood": report.is_good, "report": msgspec.to_builtins(report)}, record)

    async def _tried(self, template: Template) -> list[SampleReport]:
        """Until the first that goes wrong: the others would take as long to say the same."""
        tried = []
        for name in (name for kind in template.kinds for name in samples.for_kind(kind)):
            tried.append(await self._try(template, name))
            if tried[-1].problem:
                break
        return tried

    async def _try(self, template: Template, name: str) -> SampleReport:
        started = time.monotonic()
        wanted = Wanted(template, samples.read(name), options={}, format="pdf", explains=True)
        try:
            made = await self._renderer.render(wanted, priority="bulk")
        except RenderFailed as error:
            return SampleReport(sample=name, problem=str(error))
        except EngineUnavailable as error:
            raise JobPostponed(str(error)) from error
        took = round((time.monotonic() - started) * 1000)
        return SampleReport(
            sample=name, pages=made.page_count, milliseconds=took, warnings=list(made.warnings)
        )

    async def _stored(self, template: Template) -> list[str]:
        try:
            await publishing.store(self._blobs, template)
            return await publishing.store_previews(self._blobs, self._renderer, template)
        except BlobsUnavailable as error:
            raise JobPostponed("the object storage is not available") from error


def _is_same(current: Upload, checked: Upload) -> bool:
    return current.state == "checking" and current.sha256 == checked.sha256


def _payload(payload: dict[str, Any]) -> TemplateCheckJob:
    try:
        return msgspec.convert(payload, TemplateCheckJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from error
