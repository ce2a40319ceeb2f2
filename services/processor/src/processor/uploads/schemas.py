"""Uploaded templates as they go out."""

from datetime import datetime
from uuid import UUID

import msgspec

from common.contracts.documents import RenderWarning
from common.schemas import Schema
from processor.uploads.models import State


class SampleReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of one of the made-up documents that a template is tried with. `problem` says why it could not be
    rendered, and where in the template."""

    sample: str
    pages: int = 0
    milliseconds: int = 0
    warnings: list[RenderWarning] = []
    problem: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the check of a template found. `problem` says why there was none, or what is wrong with the whole of it."""

    samples: list[SampleReport] = []
    problem: str | None = None

    @property
    def is_good(self) -> bool:
        return (
            self.problem is None and bool(self.samples) and not any(sample.problem for sample in self.samples)
        )


class UploadRead(Schema, kw_only=True):
    """A version of an uploaded template. It is `checking` until the samples are rendered, then `published` or `refused`;
    a `retired` one is offered no more, and renders what has it. `isPrivate`: it is for whoever uploaded it alone."""

    id: UUID
    template_id: str
    version: int
    name: str
    state: State
    is_private: bool
    sha256: str
    job_id: UUID
    report: Report | None
    created_at: datetime
    published_at: datetime | None
