"""Looks into the queue of a processor, as its database holds it."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import make_url

from common.contracts.jobs import Job, JobCancel, JobEvent
from common.db import Base, Database
from common.ids import new_id
from common.outbox import OutboxRow
from common.testing.fixtures import eventually
from common.testing.processes import Process
from processor.jobs import arrivals, claims, clock, outcomes, queries, states
from processor.jobs.arrivals import Arrived
from processor.jobs.attempts import Attempt
from processor.jobs.claims import Holder
from processor.jobs.clock import Moment
from processor.jobs.models import JobStatus, QueuedJob
from processor.settings import Settings
from processor_standins.platform import PATIENCE


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database of a processor, beside it."""
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()


async def status(settings: Settings, job_id: UUID) -> JobStatus | None:
    async with opened(settings) as database, database.read() as db:
        return await db.get(JobStatus, job_id)


async def is_off_the_queue(settings: Settings, job_id: UUID, *, within: float = PATIENCE) -> None:
    """Wait until nothing of the job is left to do."""
    async with opened(settings) as database:

        async def gone() -> bool:
            async with database.read() as db:
                return await db.get(QueuedJob, job_id) is None

        await eventually(gone, within=within)


async def stall(process: Process, settings: Settings) -> None:
    """Stop a process (SIGSTOP) outside of any transaction: SQLite has one writer, who would stop all others."""
    url = make_url(settings.database_url)
    for _ in range(100):
        os.kill(process.pid, signal.SIGSTOP)
        if url.get_backend_name() != "sqlite" or _is_free(str(url.database)):
            return
        os.kill(process.pid, signal.SIGCONT)
        await asyncio.sleep(0.01)
    raise AssertionError("it never lets go of the database")


def _is_free(file: str) -> bool:
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


class Queue:
    """The queue without its transport and its workers: each method is one transaction, as it is in the processor."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def job(self, **changes: Any) -> Job:
        return Job(id=new_id(), kind="pdf_generation", payload={"secret": "text"}, **changes)

    def envelope(self, job: Job) -> bytes:
        return msgspec.json.encode(job)

    async def at(self, seconds: float) -> datetime:
        """So many seconds from now, by the clock of the queue."""
        async with self.database.read() as db:
            return (await clock.moment(db)).at + timedelta(seconds=seconds)

    async def take_in(self, jobs: Sequence[Job]) -> dict[UUID, Job]:
        arrived = [Arrived(job, "render", self.envelope(job)) for job in jobs]
        async with self.database.write() as db:
            return await arrivals.take_in(db, arrived, await clock.moment(db), lease=30.0)

    async def claim(self, workers: int, *, lease: float = 30.0) -> list[Attempt]:
        async with self.database.write() as db:
            holder, now = Holder("tests", lease), await clock.moment(db)
            return await claims.claim(db, {"render": workers}, holder, now)

    async def renew(self, attempts: Sequence[Attempt]) -> set[UUID]:
        async with self.database.write() as db:
            held = {attempt.job.id: attempt.fence for attempt in attempts}
            return await claims.renew(db, held, Holder("tests", 30.0))

    async def sweep(self) -> int:
        async with self.database.write() as db:
            holder, now = Holder("others", 30.0), await clock.moment(db)
            return await claims.take_from_the_silent(db, holder, now, limit=10)

    async def due(self, at: datetime) -> tuple[dict[UUID, Job], dict[UUID, Job]]:
        """Jobs that are queued now, and those to be undone, as if it were then."""
        async with self.database.write() as db:
            then = Moment(at, (await clock.moment(db)).tick)
            due = await arrivals.come_due(db, then, limit=10, again=30.0)
            await states.move(db, list(due.queued), "queued", then, jobs=due.queued, run_at=None)
        return due.queued, due.to_undo

    async def succeed(self, attempt: Attempt) -> None:
        async with self.database.write() as db:
            await outcomes.succeed(db, attempt, {"size": 1}, timings={})

    async def fail(self, attempt: Attempt) -> None:
        async with self.database.write() as db:
            await outcomes.fail(db, attempt, "It broke.", delay=30.0, stage="")

    async def give_up(self, attempt: Attempt) -> None:
        async with self.database.write() as db:
            await outcomes.fail_for_good(db, attempt, "It broke.", stage="")

    async def give_back(self, attempt: Attempt) -> None:
        async with self.database.write() as db:
            await outcomes.give_back(db, attempt)

    async def cancel(self, wanted: JobCancel) -> bool:
        async with self.database.write() as db:
            return await outcomes.cancel(db, wanted)

    async def undone(self, job_id: UUID) -> None:
        async with self.database.write() as db:
            await queries.undone(db, job_id)

    async def rows(self, model: type[Base]) -> list[dict[str, Any]]:
        async with self.database.read() as db:
            found = await db.execute(select(model.__table__).order_by(*model.__table__.primary_key))
            return [dict(row._mapping) for row in found]

    async def events(self, job_id: UUID) -> list[JobEvent]:
        async with self.database.read() as db:
            found = select(OutboxRow).where(OutboxRow.subject.like(f"jobs.event.{job_id}.%"))
            rows = await db.scalars(found.order_by(OutboxRow.id))
            return [msgspec.json.decode(row.payload, type=JobEvent) for row in rows]
