"""Exports as they go in and out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, field

from api.templates.schemas import Options, TemplateChoice, TemplateId, TemplateRef
from common.contracts.jobs import JobState
from common.schemas import Command, Schema


class ExportCreate(Command, frozen=True, kw_only=True):
    """Exactly one of `resumeId` (as it is now) and `versionId`. `notify`: mail me when it is ready.

    Template and options are those of the resume where they are left out.
    """

    resume_id: Annotated[UUID, Meta(examples=["01a1fdba-101f-7295-8c36-b0646e345beb"])] | None = None
    version_id: UUID | None = None
    format: Annotated[str, Meta(max_length=16, examples=["pdf"])]
    template: TemplateId | TemplateChoice | None = None
    options: Options = field(default_factory=dict)
    notify: bool = False


class ExportAccepted(Schema, kw_only=True):
    """Follow the job, then read the export."""

    export_id: UUID
    job_id: UUID


class ExportRead(Schema, kw_only=True):
    id: UUID
    job_id: UUID
    resume_id: UUID
    version_id: UUID
    status: JobState
    format: str
    template: TemplateRef
    options: dict[str, Any]
    file_name: str
    error: str | None
    created_at: datetime


class ExportDownload(ExportRead, kw_only=True):
    """`downloadUrl` gives the file to whoever holds it, for 15 minutes; null until the export has succeeded."""

    download_url: str | None
