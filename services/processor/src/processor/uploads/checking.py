"""The job that checks an uploaded template: it is tried with made-up documents, in a process that can do nothing else."""

import asyncio
import time
from typing import Any

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from common.blobs import Blobs, BlobsUnavailable
from common.contracts.jobs import TemplateCheckJob
from common.contracts.templates import TemplatePut
from common.db import Database
from common.jobs import JobPostponed, JobRejected, JobSuperseded
from processor.catalogue import publishing
from processor.catalogue.entries import entry
from processor.jobs.runner import Done, Running
from processor.rendering import (
    EngineUnavailable,
    InvalidOption,
    Renderer,
    RenderFailed,
    Template,
    Wanted,
    samples,
)
from processor.uploads import queries, service
from processor.uploads.archives import TemplateRefused
from processor.uploads.models import Upload
from processor.uploads.schemas import Report, SampleReport
from processor.uploads.shelf import Shelf
from processor.uploads.sources import check_sources

log = structlog.get_logger()

_MARK = 16


class Outcome(msgspec.Struct, frozen=True):
    """What a check found, and what the catalogue is told if that is good."""

    report: Report
    announced: TemplatePut | None = None


class TemplateChecks:
    """The work of the job kind `template_check`."""

    def __init__(self, *, database: Database, blobs: Blobs, shelf: Shelf, renderer: Renderer) -> None:
        self._database, self._blobs, self._shelf, self._renderer = database, blobs, shelf, renderer

    async def __call__(self, running: Running) -> Done:
        row = await self._wanted(running)
        try:
            outcome = await self._checked(running, row)
        except (JobPostponed, JobSuperseded):
            raise
        except Exception as error:
            if running.attempt.number < running.attempt.most:
                raise
            log.warning("template_not_checked", upload_id=str(row.id), error=type(error).__name__)
            outcome = Outcome(Report(problem="It cannot be checked: what renders it fails."))

        async def record(db: AsyncSession) -> None:
            current = await queries.find(db, row.id, owner_id=None)
            if current is not None and _is_same(current, row):
                service.conclude(db, current, outcome.report, outcome.announced)

        report = outcome.report
        return Done({"isGood": report.is_good, "report": msgspec.to_builtins(report)}, record)

    async def _wanted(self, running: Running) -> Upload:
        wanted = _payload(running.job.payload)
        async with self._database.read() as db:
            row = await queries.with_archive(db, wanted.upload_id)
        if row is None or row.sha256 != wanted.sha256 or row.state != "checking":
            raise JobRejected("Another archive has taken the place of this one.")
        return row

    async def _checked(self, running: Running, row: Upload) -> Outcome:
        try:
            async with self._shelf.trial(row.archive) as unpacked:
                await asyncio.to_thread(check_sources, unpacked.folder)
                template = msgspec.structs.replace(unpacked, id=row.template_id)
                await running.enter("rendering", 0.1)
                report = Report(samples=await self._tried(template))
                if not report.is_good:
                    return Outcome(report)
                await running.enter("storing", 0.8)
                return Outcome(report, entry(template, await self._stored(template, row.sha256)))
        except (TemplateRefused, RenderFailed) as refusal:
            return Outcome(Report(problem=str(refusal)))
        except EngineUnavailable as error:
            raise JobPostponed(str(error)) from error
        except BlobsUnavailable as error:
            raise JobPostponed("the object storage is not available") from error

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
        except (RenderFailed, InvalidOption) as error:
            return SampleReport(sample=name, problem=str(error))
        took = round((time.monotonic() - started) * 1000)
        return SampleReport(
            sample=name, pages=made.page_count, milliseconds=took, warnings=list(made.warnings)
        )

    async def _stored(self, template: Template, sha256: str) -> list[str]:
        """The keys of its pictures, which are those of this archive: one that was refused may have left others."""
        mark = sha256[:_MARK]
        await publishing.store(self._blobs, template, mark=mark)
        return await publishing.store_previews(self._blobs, self._renderer, template, mark=mark)


def _is_same(current: Upload, checked: Upload) -> bool:
    return current.state == "checking" and current.sha256 == checked.sha256


def _payload(payload: dict[str, Any]) -> TemplateCheckJob:
    try:
        return msgspec.convert(payload, TemplateCheckJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from error
