"""Every SELECT, and every statement that is conditional, of the queue at work. See `lists` for those who look at it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from common.contracts.jobs import JobState
from common.jobs import LONGEST_RETRY
from processor.jobs.clock import Moment
from processor.jobs.models import PRIORITIES, QUEUE, STATUSES, JobStatus, QueuedJob

WAITING = (QueuedJob.turn.is_not(None), QueuedJob.holder.is_(None))


class Flow(NamedTuple):
    """Whose turns are counted together: the jobs of one user that wait for the same workers with the same priority."""

    pool: str
    priority: int
    user_id: UUID | None


# Statements that every job takes are built once, with what differs as parameters: to build one costs as much as to run it.
def _unless_known(insert: sqlite.Insert | postgresql.Insert) -> ReturningInsert[UUID]:
    return insert.on_conflict_do_nothing(index_elements=["job_id"]).returning(STATUSES.c.job_id)


_ARRIVE = {
    "sqlite": _unless_known(sqlite.insert(STATUSES)),
    "postgresql": _unless_known(postgresql.insert(STATUSES)),
}


async def arrive(db: AsyncSession, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Insert states of jobs; the ids of those that were not known."""
    return set((await db.scalars(_ARRIVE[db.get_bind().dialect.name], rows)).all()) if rows else set()


async def without_envelope(db: AsyncSession, job_ids: Collection[UUID]) -> Sequence[Row[UUID, JobState]]:
    """Those of the jobs that the release before has begun and that have not ended, with their states."""
    found = select(QueuedJob.job_id, JobStatus.state).join(JobStatus, JobStatus.job_id == QueuedJob.job_id)
    found = found.where(QueuedJob.job_id.in_(job_ids), QueuedJob.envelope.is_(None))
    open_ones = found.where(JobStatus.finished_at.is_(None))
    return (await db.execute(open_ones.with_for_update(of=QueuedJob))).all()


def _turns(owner: ColumnElement[bool]) -> Select[int | None, int | None, int | None]:
    """The last turn of an owner, that of what runs, and the first that waits, in one pool with one priority."""
    lane = (
        QUEUE.c.pool == bindparam("pool"),
        QUEUE.c.priority == bindparam("priority"),
        QUEUE.c.turn.is_not(None),
    )
    own = select(func.max(QUEUE.c.turn)).where(*lane, owner)
    running = select(func.max(QUEUE.c.turn)).where(*lane, QUEUE.c.lease_until.is_not(None))
    waiting = select(func.min(QUEUE.c.turn)).where(*lane, QUEUE.c.holder.is_(None))
    return select(own.scalar_subquery(), running.scalar_subquery(), waiting.scalar_subquery())


_TURNS = _turns(QUEUE.c.user_id == bindparam("user_id"))
_TURNS_OF_NOBODY = _turns(QUEUE.c.user_id.is_(None))


async def latest_turn(db: AsyncSession, flow: Flow) -> int:
    """The turn that the next of `flow` comes after (Goyal, Vin, Cheng 1996: start-time fair queueing, jobs of equal
    length): that of its own last job, or the virtual time if that is later, so that being idle earns nothing.

    The virtual time is the turn of the job begun last. Nobody keeps it: it is that of those that run, or what is just
    before the first that waits; with neither, counting begins anew.
    """
    found = _TURNS_OF_NOBODY if flow.user_id is None else _TURNS
    last, begun, first = (await db.execute(found, flow._asdict())).one()
    return max(last or 0, begun or 0, (first or 1) - 1)


_FIRST_WAITING = (
    select(QueuedJob)
    .where(QueuedJob.pool == bindparam("pool"), *WAITING)
    .order_by(QueuedJob.priority, QueuedJob.turn, QueuedJob.job_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


async def first_waiting(db: AsyncSession, pool: str, limit: int) -> Sequence[QueuedJob]:
    """The jobs that go next, which nobody else can take until the transaction ends."""
    return (await db.scalars(_FIRST_WAITING, {"pool": pool, "most": limit})).all()


_HOLD = (
    update(QUEUE)
    .where(QUEUE.c.job_id.in_(bindparam("jobs", expanding=True)))
    .values(fence=QUEUE.c.fence + 1, attempts=QUEUE.c.attempts + 1)
)


async def hold(db: AsyncSession, job_ids: Collection[UUID], *, holder: str, lease_until: float) -> None:
    await db.execute(_HOLD, {"jobs": list(job_ids), "holder": holder, "lease_until": lease_until})


async def renew(
    db: AsyncSession, job_ids: Collection[UUID], *, holder: str, lease_until: float
) -> set[tuple[UUID, int]]:
    """Prolong the leases of `holder` on these jobs; which they are, with their fences."""
    renewed = await db.execute(
        update(QUEUE)
        .where(QUEUE.c.job_id.in_(job_ids), QUEUE.c.holder == holder)
        .values(lease_until=lease_until)
        .returning(QUEUE.c.job_id, QUEUE.c.fence)
    )
    return {(job_id, fence) for job_id, fence in renewed}


async def due(db: AsyncSession, at: datetime, limit: int) -> Sequence[QueuedJob]:
    """Jobs whose time has come, which nobody else can take until the transaction ends."""
    found = select(QueuedJob).where(QueuedJob.due_at.is_not(None), QueuedJob.due_at <= at)
    found = found.order_by(QueuedJob.due_at).limit(limit).with_for_update(skip_locked=True)
    return (await db.scalars(found)).all()


_RAN_OUT = (
    QueuedJob.lease_until.is_not(None)
    & ((QueuedJob.lease_until <= bindparam("tick")) | (QueuedJob.lease_until > bindparam("furthest")))
    & QueuedJob.job_id.not_in(bindparam("own", expanding=True))
)


def _now(tick: float, longest: float, own: Collection[UUID]) -> dict[str, Any]:
    """The parameters of `_RAN_OUT`."""
    return {"tick": tick, "furthest": tick + longest, "own": list(own)}


async def lapsed(
    db: AsyncSession, tick: float, *, longest: float, own: Collection[UUID], limit: int
) -> Sequence[QueuedJob]:
    """Jobs whose workers have gone silent: a lease cannot reach further than `longest` seconds. Those of `own` are being
    done by whoever asks, however late it is with saying so."""
    found = select(QueuedJob).where(_RAN_OUT).limit(limit).with_for_update(skip_locked=True)
    return (await db.scalars(found, _now(tick, longest, own))).all()


class Outlook(NamedTuple):
    """When the next job is due; whether a lease has run out; which of the pools have somebody waiting."""

    next_due: datetime | None
    has_lapsed: bool
    waiting: list[str]


@cache
def _outlook(pools: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    next_due = select(func.min(QueuedJob.due_at)).where(QueuedJob.due_at.is_not(None)).scalar_subquery()
    waiting = [exists().where(QueuedJob.pool == pool, *WAITING) for pool in pools]
    return select(next_due, exists().where(_RAN_OUT), *waiting)


async def outlook(
    db: AsyncSession, moment: Moment, *, longest: float, own: Collection[UUID], pools: Collection[str]
) -> Outlook:
    row = (await db.execute(_outlook(tuple(pools)), _now(moment.tick, longest, own))).one()
    return Outlook(row[0], bool(row[1]), [pool for pool, has in zip(pools, row[2:], strict=True) if has])


async def held(db: AsyncSession, job_id: UUID, *, fence: int) -> QueuedJob | None:
    """The job if nobody has taken it since, locked until the transaction ends."""
    found = select(QueuedJob).where(QueuedJob.job_id == job_id, QueuedJob.fence == fence)
    return await db.scalar(found.with_for_update())


async def release(db: AsyncSession, job_id: UUID, *, fence: int, **values: Any) -> bool:
    """Give up the claim and say how it goes on; False if somebody else has the job by now."""
    free: dict[str, Any] = {"holder": None, "lease_until": None}
    given_up = await db.execute(
        update(QUEUE).where(QUEUE.c.job_id == job_id, QUEUE.c.fence == fence).values(**(free | values))
    )
    return cast("CursorResult[object]", given_up).rowcount == 1


_FINISH = delete(QUEUE).where(QUEUE.c.job_id == bindparam("job"), QUEUE.c.fence == bindparam("claim"))


async def finish(db: AsyncSession, job_id: UUID, *, fence: int) -> bool:
    """Take a job off the queue for good; False if somebody else has it by now."""
    gone = await db.execute(_FINISH, {"job": job_id, "claim": fence})
    return cast("CursorResult[object]", gone).rowcount == 1


async def locked(db: AsyncSession, job_id: UUID) -> QueuedJob | None:
    """The job on the queue, which nobody else can change until the transaction ends."""
    return await db.scalar(select(QueuedJob).where(QueuedJob.job_id == job_id).with_for_update())


async def fence(db: AsyncSession, job_id: UUID) -> int | None:
    """The fence of the latest claim."""
    return await db.scalar(select(QueuedJob.fence).where(QueuedJob.job_id == job_id))


async def state(db: AsyncSession, job_id: UUID) -> JobState | None:
    return await db.scalar(select(JobStatus.state).where(JobStatus.job_id == job_id))


_STATES = select(STATUSES.c.job_id, STATUSES.c.state).where(
    STATUSES.c.job_id.in_(bindparam("jobs", expanding=True))
)


async def states(db: AsyncSession, job_ids: Collection[UUID]) -> dict[UUID, JobState]:
    found = await db.execute(_STATES, {"jobs": list(job_ids)})
    return {row.job_id: row.state for row in found}


async def with_key(db: AsyncSession, unique_key: str) -> JobStatus | None:
    """The job that has this effect."""
    return await db.scalar(select(JobStatus).where(JobStatus.unique_key == unique_key).with_for_update())


async def set_key(db: AsyncSession, job_id: UUID, unique_key: str | None) -> None:
    await db.execute(update(STATUSES).where(STATUSES.c.job_id == job_id).values(unique_key=unique_key))


async def count_waiting(db: AsyncSession, moment: Moment, *, besides: Collection[str] = ()) -> int:
    """How many of the queue are in the way of more: they wait for a worker, or have failed and are soon tried again.

    Not those scheduled for later, of which whoever schedules them may have so many, nor what somebody waits for, nor those
    of the pools `besides`.
    """
    counted = (QueuedJob.priority > PRIORITIES["interactive"], QueuedJob.pool.not_in(besides))
    soon = moment.at + timedelta(seconds=LONGEST_RETRY)
    waiting = select(func.count()).select_from(QueuedJob).where(*WAITING, *counted)
    again = (QueuedJob.due_at.is_not(None), QueuedJob.due_at <= soon, QueuedJob.fence > 0)
    retried = select(func.count()).select_from(QueuedJob).where(*again, *counted)
    return int(await db.scalar(select(waiting.scalar_subquery() + retried.scalar_subquery())) or 0)


async def undone(db: AsyncSession, job_id: UUID) -> None:
    """A cancelled job has left nothing behind: it is off the queue."""
    is_cancelled = exists().where(JobStatus.job_id == job_id, JobStatus.state == "cancelled")
    gone = delete(QueuedJob).where(QueuedJob.job_id == job_id, is_cancelled)
    await db.execute(gone.execution_options(synchronize_session=False))
