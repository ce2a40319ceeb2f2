"""Exports as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, get_args
from uuid import UUID

from msgspec import Meta, field

from api.exports.formats import ExportFormat, Standard
from api.templates.schemas import Options, TemplateChoice, TemplateId, TemplateRef
from common.contracts.documents import RenderWarning
from common.contracts.jobs import JobState
from common.schemas import Command, Schema


class ExportCreate(Command, frozen=True, kw_only=True):
    """Exactly one of `resumeId` (as it is now) and `versionId`. `notify`: mail me when it is ready.

    Template and options are those of the resume where they are left out. `standard` counts for PDF; `runAt` is within the
    next 30 days.
    """

    resume_id: Annotated[UUID, Meta(examples=["01a1fdba-101f-7295-8c36-b0646e345beb"])] | None = None
    version_id: UUID | None = None
    format: Annotated[
        str, Meta(max_length=16, examples=["pdf"], extra_json_schema={"enum": list(get_args(ExportFormat))})
    ]
    template: TemplateId | TemplateChoice | None = None
    options: Options = field(default_factory=dict)
    standard: Standard = "ua-1"
    run_at: Annotated[datetime, Meta(tz=True, examples=["2026-12-01T06:00:00Z"])] | None = None
    notify: bool = False


class ExportAccepted(Schema, kw_only=True):
    """Follow the job, then read the export."""

    export_id: UUID
    job_id: UUID


class ExportRead(Schema, kw_only=True):
    """An export. `standard` is null for what is no PDF; `pages`, `size` (bytes) and `sha256` are null until the file is
    there, `pages` also for formats that have none. `warnings` are what its owner may want to change. At `expiresAt` it
    is deleted, with its file."""

    id: UUID
    job_id: UUID
    resume_id: UUID
    version_id: UUID
    status: JobState
    format: str
    template: TemplateRef
    options: dict[str, Any]
    standard: str | None
    file_name: str
    media_type: str
    pages: int | None
    size: int | None
    sha256: str | None
    warnings: list[RenderWarning]
    error: str | None
    run_at: datetime | None
    expires_at: datetime
    created_at: datetime


class ExportDownload(ExportRead, kw_only=True):
    """`downloadUrl` gives the file to whoever holds it, for 15 minutes; null until the export has succeeded."""

    download_url: str | None
