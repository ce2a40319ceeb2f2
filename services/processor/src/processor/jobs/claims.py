"""Claims on jobs: who is at one, and for how long. Each function is part of a transaction that its caller commits.

A claim is the holder, a fence that rises with every change of hands, and a lease that the holder keeps prolonging. What
an attempt writes is accepted only with the latest fence (RELIABILITY 3), whatever clocks and leases say.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import FINAL_STATES, Job
from common.jobs import FIRST_WAIT, LONGEST_WAIT, retry_delay
from processor.jobs import outcomes, queries
from processor.jobs.attempts import Attempt
from processor.jobs.clock import Moment, moment
from processor.jobs.models import QueuedJob
from processor.jobs.states import begin, move, read_envelope

CUT_SHORT = "The attempt was cut short."


class Holder(NamedTuple):
    """A process, and the seconds that its leases last."""

    name: str
    lease: float

    @property
    def longest(self) -> float:
        """Further ahead than this no lease is, also when another process has another setting."""
        return 10 * self.lease


async def claim(db: AsyncSession, free: Mapping[str, int], holder: Holder, moment: Moment) -> list[Attempt]:
    """Take the jobs that go next, as many of each pool as workers are free."""
    attempts: list[Attempt] = []
    for pool, workers in free.items():
        taken: list[QueuedJob] = []
        while len(taken) < workers:
            rows = await queries.first_waiting(db, pool, workers - len(taken))
            fit = [row for row in rows if await _may_begin(db, row, moment)]
            await _hold(db, fit, holder, moment)
            taken += fit
            if len(fit) == len(rows):
                break
        attempts += [_attempt(row) for row in taken]
    await begin(db, {attempt.job.id: attempt.job for attempt in attempts}, moment)
    return attempts


async def _hold(db: AsyncSession, rows: Sequence[QueuedJob], holder: Holder, moment: Moment) -> None:
    if rows:
        until = moment.tick + holder.lease
        await queries.hold(db, [row.job_id for row in rows], holder=holder.name, lease_until=until)


def _attempt(row: QueuedJob) -> Attempt:
    """The attempt of a row that was read before it was claimed."""
    return Attempt(
        read_envelope(row.envelope or b""),
        pool=row.pool,
        number=row.attempts + 1,
        fence=row.fence + 1,
        most=row.max_attempts,
        waits=row.waits,
    )


async def _may_begin(db: AsyncSession, row: QueuedJob, moment: Moment) -> bool:
    """Whether there is something to do; if not, it is given up, done already, or waits again."""
    job = read_envelope(row.envelope or b"")
    if job.deadline is not None and job.deadline < moment.at:
        await outcomes.give_up(db, row, job, "It was not done in time.", moment)
    elif row.attempts >= row.max_attempts:
        await outcomes.give_up(db, row, job, "Every attempt was cut short.", moment)
    elif not job.unique_key or await _has_effect(db, row, job, moment):
        return True
    return False


async def _has_effect(db: AsyncSession, row: QueuedJob, job: Job, moment: Moment) -> bool:
    """Whether the effect that the unique key names is this job's to have. If another has had it, its result is this
    one's too; while another is at it, this one waits."""
    other = await queries.with_key(db, job.unique_key)
    if other is not None and other.job_id != job.id:
        if other.state == "succeeded":
            await outcomes.same_as(db, row, job, other, moment)
            return False
        if other.state not in FINAL_STATES:
            delay = retry_delay(row.waits + 1, first=FIRST_WAIT, most=LONGEST_WAIT)
            row.turn, row.due_at = None, moment.at + timedelta(seconds=delay)
            row.waits += 1
            await db.flush()
            return False
        await queries.set_key(db, other.job_id, None)
    if other is None or other.job_id != job.id:
        await queries.set_key(db, job.id, job.unique_key)
    return True


async def take_from_the_silent(
    db: AsyncSession, holder: Holder, moment: Moment, *, own: Collection[UUID] = (), limit: int
) -> int:
    """Let those wait for another worker whose lease has run out, but those that are this process's own; how many. Their
    turn has come long ago, so they go first; the attempt that was cut short counts."""
    rows = await queries.lapsed(db, moment.tick, longest=holder.longest, own=own, limit=limit)
    for row in rows:
        row.holder = row.lease_until = None
        row.fence += 1
    await db.flush()
    jobs = {row.job_id: read_envelope(row.envelope or b"") for row in rows}
    await move(db, list(jobs), "retrying", moment, jobs=jobs, error=CUT_SHORT)
    return len(jobs)


async def renew(db: AsyncSession, held: Mapping[UUID, int], holder: Holder) -> set[UUID]:
    """Prolong the leases of the jobs that `holder` is at, by their fences; those that it has lost."""
    until = (await moment(db)).tick + holder.lease
    renewed = await queries.renew(db, held, holder=holder.name, lease_until=until)
    return {job_id for job_id, fence in held.items() if (job_id, fence) not in renewed}
