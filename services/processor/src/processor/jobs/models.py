"""A job as the queue sees it (what waits, who is at it), and as people see it (its state)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Double, Index, LargeBinary, SmallInteger, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from common.contracts.jobs import FINAL_STATES, JobState, Priority
from common.db import Base
from common.ids import now

PRIORITIES: Mapping[Priority, int] = {"interactive": 0, "normal": 1, "bulk": 2}
"""As they are stored: the lower, the sooner."""
_WAITING = "turn IS NOT NULL AND holder IS NULL"


class QueuedJob(Base):
    """A job that is not done with: it waits for a worker, for its time or for its undoing, it runs, or it is dead.

    - waiting: it has a `turn` (see `turns`) and no holder; the lowest turn of a pool and priority goes first
    - running: `holder` is the process that does it, for as long as its lease lasts (`lease_until`, see `clock`)
    - later: `due_at` is when it is looked at again: scheduled, to be tried again, or cancelled and to be undone
    - dead: none of these; its `envelope` is kept for a replay
    - announced by the release before, which kept no envelope: it comes again with one

    `envelope` is the whole message as it came. `fence` rises whenever the job changes hands; `attempts` counts those that
    failed or were cut short; `waits` how often in a row it was postponed.
    """

    __tablename__ = "job_queue"
    __table_args__ = (
        Index(
            "ix_job_queue_waiting",
            "pool",
            "priority",
            "turn",
            "job_id",
            "holder",  # always null, but without it SQLite reads each row to see that
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index(
            "ix_job_queue_user_id_turn",
            "user_id",
            "pool",
            "priority",
            "turn",
            sqlite_where=text("turn IS NOT NULL"),
            postgresql_where=text("turn IS NOT NULL"),
        ),
        Index(
            "ix_job_queue_lease_until",
            "lease_until",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
        Index(
            "ix_job_queue_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    pool: Mapped[str] = mapped_column(String(32), server_default="")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    user_id: Mapped[UUID | None]
    turn: Mapped[int | None] = mapped_column(BigInteger)
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    due_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[float | None] = mapped_column(Double)
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    waits: Mapped[int] = mapped_column(default=0)


class JobStatus(Base):
    """Where a job is, also long after it ended. Holds nothing of its payload: no address, no link, no text.

    `seq` rises with every state; `stage` is the last one that the job was in; `timings` are milliseconds by stage.
    `unique_key` names the effect of which this is the job.
    """

    __tablename__ = "job_status"
    __table_args__ = (
        Index("ix_job_status_state_kind", "state", "kind"),
        Index("ix_job_status_user_id_job_id", "user_id", "job_id"),
        Index("ix_job_status_finished_at", "finished_at"),
    )

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    user_id: Mapped[UUID | None]
    unique_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    state: Mapped[JobState] = mapped_column(String(16))
    seq: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float] = mapped_column(default=0.0)
    stage: Mapped[str] = mapped_column(String(32), default="")
    attempt: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(String(500))
    timings: Mapped[dict[str, Any] | None]
    run_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def id(self) -> UUID:
        return self.job_id

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


QUEUE, STATUSES = cast("Table", QueuedJob.__table__), cast("Table", JobStatus.__table__)
"""For statements that every job takes: those on tables cost half of what those on classes do."""
