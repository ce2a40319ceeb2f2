"""A job as the queue sees it (its claim), and as people see it (its state)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from common.contracts.jobs import FINAL_STATES, JobState
from common.db import Base
from common.ids import now


class QueuedJob(Base):
    """The claim on a job: the row is what makes an effect happen once.

    `message` is the stream sequence of the message whose worker is at it, null while nobody is; `fence` rises with
    every claim; `attempts` counts those that failed or were cut short; `waits` how often in a row it was postponed.
    """

    __tablename__ = "job_queue"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    unique_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    message: Mapped[int | None] = mapped_column(BigInteger)
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    waits: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]


class JobStatus(Base):
    """Where a job is. Holds nothing of its payload: no address, no link, no text.

    `seq` rises with every state; `stage` is the last one that the job was in; `timings` are milliseconds by stage.
    """

    __tablename__ = "job_status"
    __table_args__ = (Index("ix_job_status_state_kind", "state", "kind"),)

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[UUID | None]
    state: Mapped[JobState] = mapped_column(String(16))
    seq: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float] = mapped_column(default=0.0)
    stage: Mapped[str] = mapped_column(String(32), default="")
    attempt: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(String(500))
    timings: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES
