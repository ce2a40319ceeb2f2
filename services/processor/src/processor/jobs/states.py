"""A job reaches a state: its row says so, and its event goes into the outbox of the same transaction."""

from collections.abc import Mapping, Sequence
from contextvars import copy_context
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from common import context
from common.contracts.jobs import FINAL_STATES, EmailJob, Job, JobEvent, JobState, event_subject
from common.outbox import emit
from processor.jobs.clock import Moment
from processor.jobs.models import QUEUE, STATUSES

PRIVATE = frozenset({EmailJob.KIND})
"""Kinds whose payloads name people and hold links that open an account: the dead letters get none of that."""

_decode = msgspec.json.Decoder(Job).decode
_COUNTED = select(QUEUE.c.attempts).where(QUEUE.c.job_id == STATUSES.c.job_id).scalar_subquery()
# Built once, for every job takes several: what else they set are the parameters that are named like columns.
_MOVE = (
    update(STATUSES)
    .where(STATUSES.c.job_id.in_(bindparam("jobs", expanding=True)))
    .values(seq=STATUSES.c.seq + 1)
    .returning(STATUSES.c.job_id, STATUSES.c.seq, STATUSES.c.attempt)
)
_STARTED = func.coalesce(STATUSES.c.started_at, bindparam("at", type_=STATUSES.c.started_at.type))
_BEGIN = _MOVE.values(attempt=_COUNTED, started_at=_STARTED)


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
    if state in FINAL_STATES:
        values["finished_at"] = moment.at
    await _moved(db, _MOVE, job_ids, state, moment, jobs, error=error, **values)


async def begin(db: AsyncSession, jobs: Mapping[UUID, Job], moment: Moment) -> None:
    """They run: the count of attempts is that of the queue."""
    await _moved(db, _BEGIN, list(jobs), "running", moment, jobs, at=moment.at, error=None, run_at=None)


async def _moved(
    db: AsyncSession,
    statement: ReturningUpdate[Any],
    job_ids: Sequence[UUID],
    state: JobState,
    moment: Moment,
    jobs: Mapping[UUID, Job],
    **values: Any,
) -> None:
    if not job_ids:
        return
    for job_id, seq, attempt in await db.execute(statement, {"jobs": job_ids, "state": state, **values}):
        event = JobEvent(
            job_id=job_id,
            seq=seq,
            state=state,
            attempt=attempt,
            at=moment.at,
            result=values.get("result"),
            error=values["error"],
            run_at=values.get("run_at"),
        )
        copy_context().run(_tell, db, event, jobs.get(job_id))


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
