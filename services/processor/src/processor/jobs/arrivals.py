"""Jobs come onto the queue: from messages, when they are due, and again after a replay. Each function is part of a
transaction that its caller commits."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import Job
from processor.jobs import queries
from processor.jobs.clock import Moment
from processor.jobs.models import PRIORITIES, QUEUE, QueuedJob
from processor.jobs.queries import Flow
from processor.jobs.states import move, read_envelope

FORMER = "former"
"""Holds what a process of the release before may still be at, for as long as one lease lasts."""


class Arrived(msgspec.Struct, frozen=True):
    """A message: the job in it, the pool of workers that it is for, and the whole as it came."""

    job: Job
    pool: str
    envelope: bytes


class Due(msgspec.Struct):
    """Jobs that were scheduled and wait for a worker now; cancelled ones to undo."""

    queued: dict[UUID, Job]
    to_undo: dict[UUID, Job]


class Turns:
    """Gives out turns within one transaction, so that many jobs of one flow take one look at the queue."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db
        self._latest: dict[Flow, int] = {}

    async def next(self, pool: str, priority: int, user_id: UUID | None) -> int:
        flow = Flow(pool, priority, user_id)
        if flow not in self._latest:
            self._latest[flow] = await queries.latest_turn(self._db, flow)
        self._latest[flow] += 1
        return self._latest[flow]


async def take_in(
    db: AsyncSession, arrived: Sequence[Arrived], moment: Moment, *, lease: float
) -> dict[UUID, Job]:
    """Put jobs on the queue; those that wait for a worker now. One that is known already changes nothing, be it on the
    queue, done, or cancelled before it came."""
    by_id = {one.job.id: one for one in arrived}
    known = await _register(db, by_id, moment)
    new = {job_id: one for job_id, one in by_id.items() if job_id not in known}
    turns = Turns(db)
    rows = [await _row(one, turns, moment) for one in new.values()]
    if rows:
        await db.execute(insert(QUEUE), rows)
    if known:
        await _complete(db, [by_id[job_id] for job_id in known], turns, moment, lease=lease)
    later = {row["job_id"] for row in rows if row["due_at"] is not None}
    for job_id in later:  # each has its own time
        job = new[job_id].job
        await move(db, [job_id], "scheduled", moment, jobs={job_id: job}, run_at=job.run_at)
    return {job_id: one.job for job_id, one in new.items() if job_id not in later}


async def _register(db: AsyncSession, arrived: Mapping[UUID, Arrived], moment: Moment) -> set[UUID]:
    """Insert the states of jobs; the ids of those that had one."""
    rows = [
        {
            "job_id": job_id,
            "kind": one.job.kind,
            "priority": PRIORITIES[one.job.priority],
            "user_id": one.job.user_id,
            "state": "queued",
            "seq": 0,
            "progress": 0.0,
            "stage": "",
            "attempt": 0,
            "created_at": moment.at,
        }
        for job_id, one in arrived.items()
    ]
    return set(arrived) - await queries.arrive(db, rows)


async def _row(one: Arrived, turns: Turns, moment: Moment) -> dict[str, Any]:
    job, priority = one.job, PRIORITIES[one.job.priority]
    waits = job.run_at is None or job.run_at <= moment.at
    return {
        "job_id": job.id,
        "kind": job.kind,
        "pool": one.pool,
        "priority": priority,
        "user_id": job.user_id,
        "turn": await turns.next(one.pool, priority, job.user_id) if waits else None,
        "envelope": one.envelope,
        "due_at": None if waits else job.run_at,
        "queued_at": moment.at if waits else None,
        "fence": 0,
        "attempts": 0,
        "max_attempts": job.max_attempts,
        "waits": 0,
    }


async def _complete(
    db: AsyncSession, arrived: Sequence[Arrived], turns: Turns, moment: Moment, *, lease: float
) -> None:
    """Give the jobs that the release before has begun what they lack. What runs there is left alone for one lease."""
    by_id = {one.job.id: one for one in arrived}
    for job_id, state in await queries.without_envelope(db, by_id):
        row = await _row(by_id[job_id], turns, moment)
        kept = {name: row[name] for name in ("pool", "priority", "user_id", "turn", "envelope", "queued_at")}
        if state == "running":
            kept |= {"holder": FORMER, "lease_until": moment.tick + lease}
        await db.execute(update(QUEUE).where(QUEUE.c.job_id == job_id).values(**kept))


async def come_due(db: AsyncSession, moment: Moment, *, limit: int, again: float) -> Due:
    """Let those wait for a worker whose time has come. What was cancelled is only to be undone: it is due again after
    `again` seconds, should whoever undoes it die."""
    rows = await queries.due(db, moment.at, limit)
    states = await queries.states(db, [row.job_id for row in rows])
    due, turns = Due({}, {}), Turns(db)
    for row in rows:
        job = read_envelope(row.envelope or b"")
        if states[row.job_id] == "cancelled":
            row.due_at = moment.at + timedelta(seconds=again)
            due.to_undo[row.job_id] = job
        else:
            row.due_at, row.queued_at = None, moment.at
            row.turn = await turns.next(row.pool, row.priority, row.user_id)
            if states[row.job_id] == "scheduled":
                due.queued[row.job_id] = job
    await db.flush()
    return due


async def queue_again(
    db: AsyncSession, row: QueuedJob, turns: Turns, moment: Moment, *, told: bool, anew: bool = False
) -> None:
    """Let a job wait for a worker now that waited for its time, or was dead and begins `anew`, past its deadline or
    not."""
    job = read_envelope(row.envelope or b"")
    if anew and job.deadline is not None:
        job = msgspec.structs.replace(job, deadline=None)
        row.envelope = msgspec.json.encode(job)
    row.due_at, row.queued_at = None, moment.at
    row.turn = await turns.next(row.pool, row.priority, row.user_id)
    await db.flush()
    values: dict[str, Any] = {"attempt": 0, "finished_at": None, "stage": "", "progress": 0.0} if anew else {}
    if told:
        await move(db, [row.job_id], "queued", moment, jobs={row.job_id: job}, run_at=None, **values)
