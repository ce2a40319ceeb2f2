"""Jobs: the envelope that every kind travels in, the payloads, and the events that tell how they go."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec

JobState = Literal["queued", "scheduled", "running", "retrying", "succeeded", "failed", "cancelled"]
FINAL_STATES: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled"})

Priority = Literal["interactive", "normal", "bulk"]
"""Who waits: a person in front of a screen, a person somewhere, nobody in particular."""


class Job(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One piece of work. `unique_key` names its effect: two jobs with the same one have one effect between them.

    It waits until `run_at` if there is one, and is not begun any more after its `deadline`.
    """

    id: UUID
    kind: str
    v: int = 1
    user_id: UUID | None = None
    request_id: str = ""
    traceparent: str = ""
    unique_key: str = ""
    attempt: int = 1
    max_attempts: int = 5
    deadline: datetime | None = None
    priority: Priority = "normal"
    run_at: datetime | None = None
    payload: dict[str, Any] = {}


class ExportJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Render one immutable version of a resume. `options` are the template's; what is left out takes its default.

    `OTHER_KIND` is for formats other than `pdf`, such as `og-image`, so that they do not wait behind each other. `standard`
    is what a PDF follows: `ua-1` (PDF/UA-1), or `a-2` (PDF/A-2a, and PDF/UA-1 too).
    """

    KIND: ClassVar[str] = "pdf_generation"
    OTHER_KIND: ClassVar[str] = "export"

    version_id: UUID
    format: str
    user_id: UUID
    request_id: str = ""
    template: str
    template_version: int
    options: dict[str, Any] = {}
    file_name: str
    notify: bool = False
    standard: str = "ua-1"


class EmailJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Send one mail: `template` is a folder of the processor's mail templates, `data` fills it.

    Without `to` it goes to the address in the profile of the job's user, in their language.
    """

    KIND: ClassVar[str] = "email"

    template: str
    to: str = ""
    locale: str = "en"
    data: dict[str, str] = {}


class TemplateCheckJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Try a template that somebody uploaded, and publish or refuse it. `sha256` is of the archive that is meant."""

    KIND: ClassVar[str] = "template_check"

    upload_id: UUID
    sha256: str


class JobCancel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody does not want a job any more; `kind` and `user_id` are the job's, whose message may not have come yet."""

    SUBJECT: ClassVar[str] = "jobs.run.cancel"

    job_id: UUID
    kind: str
    user_id: UUID | None = None


class JobEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A state that a job has reached. `seq` rises with every state of one job, so that a late one is known as late.

    `run_at` is when it goes on, of a job that is `scheduled` or `retrying`. After `failed` there may be more: a replay.
    """

    job_id: UUID
    seq: int
    state: JobState
    attempt: int = 1
    at: datetime
    result: dict[str, Any] | None = None
    error: str | None = None
    run_at: datetime | None = None


class JobProgress(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far a running job is: `progress` from 0 to 1, and the stage it is in. Not kept anywhere."""

    job_id: UUID
    progress: float
    stage: str


_WAITED_FOR = "-interactive"


def run_subject(kind: str, priority: Priority = "normal") -> str:
    """What somebody waits for has a subject of its own, so that it is taken from the stream also while the queue is too full
    for the rest. Mails have one: all of them are."""
    waited_for = priority == "interactive" and kind != EmailJob.KIND
    return f"jobs.run.{kind}{_WAITED_FOR if waited_for else ''}"


def kind_of(subject: str) -> str:
    """The kind of the jobs on a subject that `run_subject` made."""
    return subject.rpartition(".")[2].removesuffix(_WAITED_FOR)


def event_subject(job_id: UUID, state: str) -> str:
    return f"jobs.event.{job_id}.{state}"


def cancelled_subject(job_id: UUID) -> str:
    """On core NATS, once a job is cancelled: whoever is at it stops at once."""
    return f"jobs.cancel.{job_id}"


def progress_subject(job_id: UUID) -> str:
    return f"jobs.progress.{job_id}"
