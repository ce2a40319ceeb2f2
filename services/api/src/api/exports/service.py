"""Exports: a version of a resume, a job that makes a file of it, and where that file is."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.discards import service as discards
from api.exports import queries
from api.exports.formats import MADE
from api.exports.models import Export
from api.exports.schemas import ExportAccepted, ExportCreate, ExportDownload, ExportRead
from api.jobs import queries as jobs
from api.jobs.models import JobStatus
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.templates import service as templates
from api.templates.schemas import TemplateChoice, TemplateRef
from api.templates.service import Chosen
from api.versions import service as versions
from api.versions.models import Version
from common import context
from common.blobs import Blobs
from common.contracts.documents import RenderWarning
from common.contracts.jobs import FINAL_STATES, ExportJob, JobState, Priority
from common.db import insertion
from common.file_formats import CARD, FORMATS
from common.ids import new_id, now
from common.jobs import enqueue
from common.pdf_standards import check_standard
from common.problems import FieldError, NotFound, Problem, ValidationFailed

LATEST = timedelta(days=30)
"""So far ahead an export can be asked for."""
MOST_UNFINISHED = 100
"""So many exports of one user may wait, run, or be asked for in advance."""
MOST_INTERACTIVE = 5
"""Whoever has more unfinished exports than that is not in front of each of them, so others go first."""
_LONGEST_NAME = 100
_SAME = (
    *("id", "job_id", "resume_id", "version_id", "format", "options", "standard", "file_name"),
    *("run_at", "expires_at", "created_at"),
)
"""What is shown of an export as it is kept."""
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


class ExportNotFound(NotFound):
    title = "Export not found"


class ExportUnfinished(Problem):
    status, code, title = 409, "EXPORT_UNFINISHED", "The export is still being made"


class TooManyExports(Problem):
    status, code, title = 409, "TOO_MANY_EXPORTS", "Too many exports are unfinished"


class UnsupportedFormat(Problem):
    status, code, title = 422, "UNSUPPORTED_FORMAT", "This format is not supported"


async def create(db: AsyncSession, *, owner_id: UUID, data: ExportCreate) -> ExportAccepted:
    """Export, job and the message that starts it, in the transaction of `db` (RELIABILITY 1). Raises TooManyExports."""
    _check(data)
    unfinished = await jobs.unfinished(db, owner_id=owner_id, most=MOST_UNFINISHED)
    if len(unfinished) >= MOST_UNFINISHED:
        raise TooManyExports(
            f"At most {MOST_UNFINISHED} may wait, run or be asked for in advance; cancel some, or wait."
        )
    resume, version = await _source(db, owner_id=owner_id, data=data)
    template = await _template(db, resume, data.template)
    templates.check_options(template, data.options)
    check_standard(data.standard, format=data.format, engine=template.engine, template_id=template.id)
    return await _start(
        db,
        data=data,
        version=version,
        template=template,
        settings=_looks(resume, template),
        priority=_priority(data, unfinished),
    )


def _check(data: ExportCreate) -> None:
    """Raises UnsupportedFormat, ValidationFailed."""
    if data.format not in FORMATS:
        message = f"There are: {', '.join(FORMATS)}."
        raise UnsupportedFormat(message, errors=[FieldError("$.format", message)])
    if data.run_at is not None and not now() < data.run_at <= now() + LATEST:
        message = f"It has to be within the next {LATEST.days} days."
        raise ValidationFailed(f"$.runAt: {message}", errors=[FieldError("$.runAt", message)])


def _priority(data: ExportCreate, unfinished: Sequence[JobState]) -> Priority:
    """Whether somebody sits in front of it."""
    if data.run_at is not None:
        return "normal"
    waiting = sum(state != "scheduled" for state in unfinished)
    return "interactive" if waiting < MOST_INTERACTIVE else "normal"


async def start(
    db: AsyncSession, resume: Resume, version: Version, *, format: str, name: str
) -> ExportAccepted:
    """An export that the platform itself needs, of a file called `name`: in any format of the processor, with the
    template and options that the resume has. In the transaction of `db`, as `create` is."""
    template = await templates.chosen(db, resume.template, resume.template_version, user_id=resume.owner_id)
    data = ExportCreate(version_id=version.id, format=format)
    return await _start(
        db,
        data=data,
        version=version,
        template=template,
        settings=_looks(resume, template),
        priority="bulk" if format == CARD else "normal",
        name=name,
    )


async def _source(db: AsyncSession, *, owner_id: UUID, data: ExportCreate) -> tuple[Resume, Version]:
    """What is to be exported: a version that is named, or the resume as it is now."""
    if (data.resume_id is None) == (data.version_id is None):
        message = "Name exactly one of resumeId and versionId."
        raise ValidationFailed(message, errors=[FieldError("$", message)])
    if data.version_id is not None:
        version = await versions.get(db, data.version_id, owner_id=owner_id)
        return await resumes.get(db, version.resume_id, owner_id=owner_id), version
    assert data.resume_id is not None  # noqa: S101 (one of the two is there)
    resume = await resumes.hold(db, data.resume_id, owner_id=owner_id)
    version, _ = await versions.freeze(db, resume, reason="export")
    return resume, version


async def _template(db: AsyncSession, resume: Resume, wanted: str | TemplateChoice | None) -> Chosen:
    """The one that is named, which must be for documents of this kind, or the one that the resume has."""
    if wanted is not None:
        return await templates.choose(db, wanted, user_id=resume.owner_id, kind=resume.kind)
    return await templates.chosen(db, resume.template, resume.template_version, user_id=resume.owner_id)


def _looks(resume: Resume, template: Chosen) -> dict[str, Any]:
    """The options that the resume has, its paper and direction among them by the names that templates give those."""
    looks = dict(resume.settings)
    if resume.page_size is not None:
        looks["page"] = resume.page_size
    if resume.direction != "auto" and template.options is not None:
        looks["direction"] = resume.direction
    return looks


async def _start(
    db: AsyncSession,
    *,
    data: ExportCreate,
    version: Version,
    template: Chosen,
    settings: dict[str, Any],
    priority: Priority,
    name: str | None = None,
) -> ExportAccepted:
    export = Export(
        id=new_id(),
        owner_id=version.owner_id,
        resume_id=version.resume_id,
        version_id=version.id,
        job_id=new_id(),
        format=data.format,
        template=template.id,
        template_version=template.version,
        options=templates.fitting(template, settings) | data.options,
        standard=data.standard if data.format == "pdf" else None,
        file_name=file_name(name or version.title, MADE[data.format].ending),
        notify=data.notify,
        run_at=data.run_at,
    )
    kind = ExportJob.KIND if data.format == "pdf" else ExportJob.OTHER_KIND
    state: JobState = "scheduled" if export.run_at else "queued"
    await jobs.add(
        db, id=export.job_id, owner_id=export.owner_id, kind=kind, state=state, run_at=export.run_at
    )
    await db.execute(*insertion(export))
    enqueue(
        db,
        _job(export),
        kind=kind,
        user_id=export.owner_id,
        job_id=export.job_id,
        priority=priority,
        run_at=export.run_at,
    )
    return ExportAccepted(export_id=export.id, job_id=export.job_id)


def _job(export: Export) -> ExportJob:
    return ExportJob(
        version_id=export.version_id,
        format=export.format,
        user_id=export.owner_id,
        request_id=context.request_id.get(),
        template=export.template,
        template_version=export.template_version,
        options=export.options,
        file_name=export.file_name,
        notify=export.notify,
        standard=export.standard or "ua-1",
    )


def file_name(title: str, ending: str) -> str:
    """What the file is called when it is saved: the title, without what file systems refuse."""
    plain = " ".join(_NOT_IN_NAMES.sub(" ", title).split())[:_LONGEST_NAME].strip(" .")
    return f"{plain or 'resume'}.{ending}"


async def get(db: AsyncSession, blobs: Blobs, export_id: UUID, *, owner_id: UUID) -> ExportDownload:
    found = await queries.find(db, export_id, owner_id=owner_id)
    if found is None:
        raise ExportNotFound
    export, job = found
    url = None
    if job.state == "succeeded" and export.bucket and export.key:
        url = blobs.download_url(export.bucket, export.key, file_name=export.file_name)
    return ExportDownload(**_fields(export, job), download_url=url)


async def delete(db: AsyncSession, export_id: UUID, *, owner_id: UUID) -> None:
    """Forget an export, and its file soon after. Raises ExportNotFound, ExportUnfinished."""
    found = await queries.find(db, export_id, owner_id=owner_id)
    if found is None:
        raise ExportNotFound
    export, job = found
    if job.state not in FINAL_STATES:
        raise ExportUnfinished("Its job has not ended; cancel that first, or wait.")
    if export.bucket and export.key:
        discards.discard(db, export.bucket, export.key)
    await db.delete(export)


def shape(export: Export, job: JobStatus) -> ExportRead:
    return ExportRead(**_fields(export, job))


def _fields(export: Export, job: JobStatus) -> dict[str, Any]:
    return {name: getattr(export, name) for name in _SAME} | {
        "media_type": MADE[export.format].media_type,
        **_file(job),
        "template": TemplateRef(id=export.template, version=export.template_version),
        "status": job.state,
        "error": job.error,
    }


def _file(job: JobStatus) -> dict[str, Any]:
    """What the job tells of its file, once that is there. A processor of an earlier release tells less."""
    told = (job.result if job.state == "succeeded" else None) or {}
    warnings = msgspec.convert(told.get("warnings") or [], list[RenderWarning])
    return {name: told.get(name) for name in ("pages", "size", "sha256")} | {"warnings": warnings}
