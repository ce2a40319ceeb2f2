"""A job reaches a state: its row says so, and its event goes into the outbox of the same transaction."""

from collections.abc import Mapping, Sequence
from contextvars import copy_context
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common import context
from common.contracts.jobs import FINAL_STATES, EmailJob, Job, JobEvent, JobState, event_subject
from common.outbox import emit
from processor.jobs.clock import Moment
from processor.jobs.models import QUEUE, STATUSES

PRIVATE = frozenset({EmailJob.KIND})
"""Kinds whose payloads name people and hold links that open an account: the dead letters get none of that."""

_decode = msgspec.json.Decoder(Job).decode
_COUNTED = select(QUEUE.c.attempts).where(QUEUE.c.job_id == STATUSES.c.job_id).scalar_subquery()


def read_envelope(envelope: bytes) -> Job:
    """Raises msgspec.DecodeError (ValidationError is one) if it is not a job."""
    return _decode(envelope)


async def move(
    db: AsyncSession,
    job_ids: Sequence[UUID],
    state: JobState,
    moment: Moment,
    *,
    jobs: Mapping[UUID, Job] = {},
    error: str | None = None,
    **values: Any,
) -> None:
    """Put jobs into a state, with other `values` of their rows, and tell it, each in the context that `jobs` came with.

    What is final stays as it is, but that a failed job can be queued again: whoever calls this has looked.
    """
    if not job_ids:
        return
    if state in FINAL_STATES:
        values["finished_at"] = moment.at
    moved = await db.execute(
        update(STATUSES)
        .where(STATUSES.c.job_id.in_(job_ids))
        .values(state=state, seq=STATUSES.c.seq + 1, error=error, **values)
        .returning(STATUSES.c.job_id, STATUSES.c.seq, STATUSES.c.attempt)
    )
    for job_id, seq, attempt in moved:
        event = JobEvent(
            job_id=job_id,
            seq=seq,
            state=state,
            attempt=attempt,
            at=moment.at,
            result=values.get("result"),
            error=error,
            run_at=values.get("run_at"),
        )
        copy_context().run(_tell, db, event, jobs.get(job_id))


async def begin(db: AsyncSession, jobs: Mapping[UUID, Job], moment: Moment) -> None:
    """They run: the count of attempts is that of the queue."""
    started_at = func.coalesce(STATUSES.c.started_at, moment.at)
    values: dict[str, Any] = {"attempt": _COUNTED, "started_at": started_at, "run_at": None}
    await move(db, list(jobs), "running", moment, jobs=jobs, **values)


def _tell(db: AsyncSession, event: JobEvent, job: Job | None) -> None:
    if job is not None:
        context.accept(job.request_id, job.traceparent)
    emit(db, event_subject(event.job_id, event.state), event, message_id=f"{event.job_id}.{event.seq}")


def bury(db: AsyncSession, job: Job, envelope: bytes, reason: str, *, attempts: int) -> None:
    """Copy a job that is given up to the dead letters, once the transaction commits; of a `PRIVATE` kind, which it was."""
    copy_context().run(_bury, db, job, envelope, reason, attempts)


def _bury(db: AsyncSession, job: Job, envelope: bytes, reason: str, attempts: int) -> None:
    context.accept(job.request_id, job.traceparent)
    headers = dead_headers(reason, attempts=attempts)
    letter = Job(id=job.id, kind=job.kind) if job.kind in PRIVATE else envelope
    emit(db, f"jobs.dead.{job.kind}", letter, headers=headers)


def dead_headers(reason: str, *, attempts: int = 0) -> dict[str, str]:
    plain = "".join(c if " " <= c <= "~" else "?" for c in reason)
    return {"X-Dead-Reason": plain[:500], "X-Dead-Attempts": str(attempts)}
