"""Jobs as staff see them: nothing of a payload, and no name of a file."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from common.contracts.jobs import JobState, Priority
from common.schemas import Command, Schema


class JobRow(Schema, kw_only=True):
    """`runAt` is when a job goes on that is `scheduled` or `retrying`; `error` why its last attempt failed."""

    id: UUID
    kind: str
    state: JobState
    priority: Priority
    user_id: UUID | None
    stage: str
    attempt: int
    error: str | None
    run_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobDetail(JobRow, kw_only=True):
    """`timings` are milliseconds by stage. `maxAttempts` and `waits` are known while the job is on the queue; a dead one
    that is not any more cannot be replayed."""

    seq: int
    progress: float
    result: dict[str, Any] | None
    timings: dict[str, Any] | None
    max_attempts: int | None
    waits: int | None
    can_be_replayed: bool


class JobCount(Schema, kw_only=True):
    state: JobState
    kind: str
    count: int


class JobDepth(Schema, kw_only=True):
    """How many jobs wait for a worker, and how many seconds the oldest of them has."""

    kind: str
    priority: Priority
    waiting: int
    oldest_seconds: float


class JobCounts(Schema, kw_only=True):
    states: list[JobCount]
    waiting: list[JobDepth]


class ReplayAll(Command, frozen=True, kw_only=True):
    """Those that are dead by now, the oldest first, at most so many."""

    kind: Annotated[str, Meta(min_length=1, max_length=32)]
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class Replayed(Schema, kw_only=True):
    count: int
