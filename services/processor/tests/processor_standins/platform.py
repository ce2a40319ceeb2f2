import asyncio
from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from common.bus import Bus
from common.contracts.jobs import (
    FINAL_STATES,
    EmailJob,
    ExportJob,
    Job,
    JobCancel,
    JobEvent,
    JobProgress,
    Priority,
    kind_of,
    run_subject,
)
from common.ids import new_id
from common.streams import JOB_EVENTS, JOBS, JOBS_DLQ
from common.testing.fixtures import eventually

PATIENCE = 40.0
"""Seconds that a test waits for what has to come, on a machine that has much else to do."""


class Platform:
    """The rest of the platform on one NATS server: publishes jobs, and listens to what becomes of them."""

    def __init__(self, nats_url: str) -> None:
        self.bus = Bus(nats_url, name="platform", streams=[JOBS, JOB_EVENTS, JOBS_DLQ])
        self.events: dict[UUID, list[JobEvent]] = defaultdict(list)
        self.progress: dict[UUID, list[JobProgress]] = defaultdict(list)
        self.final: dict[UUID, asyncio.Event] = defaultdict(asyncio.Event)

    async def open(self) -> None:
        await self.bus.start()
        await self.bus.listen("jobs.event.>", self._event)
        await self.bus.listen("jobs.progress.>", self._progressed)

    async def _event(self, message: Msg) -> None:
        event = msgspec.json.decode(message.data, type=JobEvent)
        if event.seq in {known.seq for known in self.events[event.job_id]}:
            return  # published again after a kill: the stream drops it, a plain subscription sees it
        self.events[event.job_id].append(event)
        if event.state in FINAL_STATES:
            self.final[event.job_id].set()

    async def _progressed(self, message: Msg) -> None:
        told = msgspec.json.decode(message.data, type=JobProgress)
        self.progress[told.job_id].append(told)

    async def publish(self, job: Job, *, message_id: str | None = None) -> UUID:
        """Put the job on the queue; another `message_id` makes it a second message, as after the dedup window."""
        headers = {"Nats-Msg-Id": message_id or str(job.id), "X-Request-Id": "test-request-id"}
        await self.bus.publish(run_subject(job.kind, job.priority), msgspec.json.encode(job), headers=headers)
        return job.id

    async def export(self, version_id: UUID, **changes: Any) -> UUID:
        return await self.publish(export_job(version_id, **changes))

    async def cancel(self, job_id: UUID, *, kind: str = ExportJob.KIND) -> None:
        """Say that a job is not wanted any more, as the api does."""
        wanted = JobCancel(job_id=job_id, kind=kind, user_id=new_id())
        await self.bus.publish(JobCancel.SUBJECT, msgspec.json.encode(wanted))

    async def ended(self, job_id: UUID, *, within: float = PATIENCE) -> JobEvent:
        """The event that ends the job."""
        try:
            await asyncio.wait_for(self.final[job_id].wait(), within)
        except TimeoutError:
            raise AssertionError(f"not final within {within} s: {self.events[job_id]}") from None
        return next(event for event in self.events[job_id] if event.state in FINAL_STATES)

    def states(self, job_id: UUID) -> list[str]:
        return [event.state for event in self.events[job_id]]

    async def has_state(self, job_id: UUID, state: str) -> None:
        async def check() -> bool:
            return state in self.states(job_id)

        await eventually(check, within=PATIENCE)

    async def is_idle(self, kind: str) -> None:
        """Wait until the queue of the kind holds nothing."""

        async def check() -> bool:
            return not await self.left(kind)

        await eventually(check, within=PATIENCE)

    async def left(self, kind: str) -> int:
        """How many jobs of a kind the stream still keeps."""
        return sum(count for subject, count in (await self._kept()).items() if kind_of(subject) == kind)

    async def left_on(self, subject: str) -> int:
        """How many jobs of a subject the stream still keeps."""
        return (await self._kept()).get(subject, 0)

    async def _kept(self) -> dict[str, int]:
        info = await self.bus.jetstream.stream_info("JOBS", subjects_filter="jobs.run.*")
        return info.state.subjects or {}


def export_job(
    version_id: UUID,
    *,
    job_id: UUID | None = None,
    kind: str = ExportJob.KIND,
    priority: Priority = "normal",
    **changes: Any,
) -> Job:
    payload: dict[str, Any] = {
        "version_id": version_id,
        "format": "pdf",
        "user_id": new_id(),
        "template": "classic",
        "template_version": 1,
        "file_name": "Résumé of Zoë",
    }
    wanted = ExportJob(**(payload | changes))
    return Job(
        id=job_id or new_id(),
        kind=kind,
        user_id=wanted.user_id,
        priority=priority,
        payload=msgspec.to_builtins(wanted),
    )


def email_job(
    to: str,
    *,
    unique_key: str = "",
    template: str = "verify-email",
    user_id: UUID | None = None,
    run_at: datetime | None = None,
    **changes: Any,
) -> Job:
    data = changes.pop("data", {"name": "Zoë", "link": "https://example.org/verify?token=s3cret-token"})
    mail = EmailJob(template=template, to=to, data=data, **changes)
    payload = msgspec.to_builtins(mail)
    return Job(
        id=new_id(),
        kind=EmailJob.KIND,
        user_id=user_id,
        unique_key=unique_key,
        run_at=run_at,
        payload=payload,
    )
