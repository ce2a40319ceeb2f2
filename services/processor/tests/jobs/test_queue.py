"""The order in which jobs are begun, and who may say what became of them, on the tables alone (RELIABILITY 2, 3, 14)."""

import statistics
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from processor_standins.queue import Queue
from sqlalchemy import delete, select, text

import processor
from common.contracts.jobs import JobCancel
from common.db import Database
from common.ids import new_id
from common.jobs import JobSuperseded
from common.outbox import OutboxRow
from processor.jobs import clock, queries
from processor.jobs.models import JobStatus, QueuedJob
from processor.jobs.upkeep import Upkeep


@pytest_asyncio.fixture(params=["sqlite", "postgresql"], scope="module")
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    on_sqlite = request.param == "sqlite"
    make: Callable[[str], str] = request.getfixturevalue("migrated" if on_sqlite else "migrated_postgres")
    database = Database(make(processor.__file__))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def queue(database: Database) -> Queue:
    async with database.write() as db:
        for model in (QueuedJob, JobStatus, OutboxRow):
            await db.execute(delete(model))
    return Queue(database)


async def test_one_job_of_somebody_else_does_not_wait_behind_five_hundred(queue: Queue) -> None:
    """Turns are fair between users: start-time fair queueing."""
    busy, other = new_id(), new_id()
    await queue.take_in([queue.job(user_id=busy) for _ in range(500)])
    begun = await queue.claim(3)
    late = queue.job(user_id=other)
    await queue.take_in([late])
    begun += await queue.claim(2)
    assert late.id in [attempt.job.id for attempt in begun[3:]], "it is the first or second after it came"
    # Having been idle earns nothing: the next one of the same user waits for its turn again.
    again = [queue.job(user_id=other) for _ in range(3)]
    await queue.take_in(again)
    order = [attempt.job.user_id for attempt in await queue.claim(6)]
    assert order.count(other) == 3
    assert order.count(busy) == 3


async def test_what_somebody_waits_for_goes_before_the_rest(queue: Queue) -> None:
    jobs = {p: queue.job(priority=p) for p in ("bulk", "normal", "interactive")}
    await queue.take_in(list(jobs.values()))
    order = [(await queue.claim(1))[0].job.priority for _ in jobs]
    assert order == ["interactive", "normal", "bulk"]


async def test_of_equal_turns_the_older_goes_first(queue: Queue) -> None:
    jobs = [queue.job(user_id=new_id()) for _ in range(5)]
    await queue.take_in(list(reversed(jobs)))
    assert [attempt.job.id for attempt in await queue.claim(5)] == [job.id for job in jobs]


async def test_a_batch_that_comes_twice_changes_nothing(queue: Queue) -> None:
    jobs = [queue.job() for _ in range(20)]
    await queue.take_in(jobs)
    [attempt] = await queue.claim(1)
    before = await queue.rows(QueuedJob), await queue.rows(OutboxRow)
    assert await queue.take_in(jobs) == {}
    assert await queue.take_in(jobs + jobs) == {}
    assert (await queue.rows(QueuedJob), await queue.rows(OutboxRow)) == before
    await queue.succeed(attempt)
    assert await queue.take_in([attempt.job]) == {}, "nor when it is done"
    assert len(await queue.claim(30)) == 19


async def test_only_the_latest_claim_may_say_what_became_of_a_job(queue: Queue) -> None:
    """RELIABILITY 3: a worker whose lease ran out is fenced off, whatever it says."""
    await queue.take_in([queue.job()])
    [first] = await queue.claim(1, lease=-1.0)  # it ran out before it began
    assert await queue.sweep() == 1
    [second] = await queue.claim(1)
    assert (first.number, second.number) == (1, 2)
    for write in (queue.succeed, queue.fail, queue.give_up, queue.give_back):
        with pytest.raises(JobSuperseded):
            await write(first)
    await queue.succeed(second)
    with pytest.raises(JobSuperseded):
        await queue.succeed(second)
    [status] = await queue.rows(JobStatus)
    assert (status["state"], status["attempt"]) == ("succeeded", 2)


async def test_a_job_whose_workers_die_each_time_is_given_up(queue: Queue) -> None:
    await queue.take_in([queue.job(max_attempts=2)])
    for _ in range(2):
        assert len(await queue.claim(1, lease=-1.0)) == 1
        await queue.sweep()
    assert await queue.claim(1) == []
    [status] = await queue.rows(JobStatus)
    assert (status["state"], status["error"]) == ("failed", "Every attempt was cut short.")


@pytest.mark.parametrize("jump", [timedelta(minutes=10), timedelta(minutes=-10)])
async def test_a_clock_that_jumps_takes_no_job_from_who_is_at_it(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    # RELIABILITY 14
    await queue.take_in([queue.job()])
    [attempt] = await queue.claim(1)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + jump)
    assert await queue.sweep() == 0
    assert await queue.claim(1) == []
    await queue.succeed(attempt)


async def test_a_lease_from_before_a_reboot_has_run_out(queue: Queue) -> None:
    """A monotonic clock begins anew then; what it counted up to before lies far ahead of now."""
    await queue.take_in([queue.job()])
    await queue.claim(1, lease=1_000_000.0)
    assert await queue.sweep() == 1
    assert len(await queue.claim(1)) == 1


async def test_a_lease_that_is_renewed_does_not_run_out(queue: Queue) -> None:
    await queue.take_in([queue.job()])
    [attempt] = await queue.claim(1, lease=-1.0)
    assert await queue.renew([attempt]) == set()
    assert await queue.sweep() == 0
    lost = msgspec.structs.replace(attempt, fence=9)
    assert await queue.renew([lost]) == {attempt.job.id}


async def test_a_job_past_its_deadline_is_not_begun(queue: Queue) -> None:
    await queue.take_in([queue.job(deadline=await queue.at(-1)), queue.job(deadline=await queue.at(60))])
    assert len(await queue.claim(2)) == 1
    states = {row["state"]: row["error"] for row in await queue.rows(JobStatus)}
    assert states == {"failed": "It was not done in time.", "running": None}


async def test_a_scheduled_job_is_queued_once_when_it_is_due(queue: Queue) -> None:
    job = queue.job(run_at=await queue.at(3600))
    await queue.take_in([job])
    assert await queue.claim(1) == []
    assert await queue.due(await queue.at(3599)) == ({}, {})
    assert list((await queue.due(await queue.at(3601)))[0]) == [job.id]
    assert await queue.due(await queue.at(3601)) == ({}, {}), "it is due once"
    assert [event.state for event in await queue.events(job.id)] == ["scheduled", "queued"]
    assert [attempt.job.id for attempt in await queue.claim(2)] == [job.id]


async def test_only_what_waits_or_is_soon_tried_again_fills_the_queue(queue: Queue) -> None:
    """Jobs for later are as many as each user may have; what somebody waits for is not in the way of others."""
    later = [queue.job(run_at=await queue.at(seconds)) for seconds in (1, 3600)]
    retried, waiting = queue.job(), [queue.job(), queue.job(priority="bulk")]
    await queue.take_in([retried])
    await queue.fail((await queue.claim(1))[0])
    await queue.take_in([*later, *waiting, queue.job(priority="interactive")])
    async with queue.database.read() as db:
        now = await clock.moment(db)
        assert await queries.count_waiting(db, now) == 3
        assert await queries.count_waiting(db, now, besides={"render"}) == 0


State = Callable[[Queue, UUID], Any]


async def _queued(queue: Queue, job_id: UUID) -> None: ...


async def _running(queue: Queue, job_id: UUID) -> None:
    await queue.claim(1)


async def _retrying(queue: Queue, job_id: UUID) -> None:
    await queue.fail((await queue.claim(1))[0])


async def _scheduled(queue: Queue, job_id: UUID) -> None:
    async with queue.database.write() as db:
        row = await db.get_one(QueuedJob, job_id)
        row.turn, row.due_at = None, await queue.at(60)


@pytest.mark.parametrize(
    ("reach", "is_undone"), [(_queued, False), (_scheduled, False), (_running, True), (_retrying, True)]
)
async def test_a_job_is_cancelled_in_every_state(queue: Queue, reach: State, is_undone: bool) -> None:
    # RELIABILITY 6
    job = queue.job()
    await queue.take_in([job])
    await reach(queue, job.id)
    wanted = JobCancel(job_id=job.id, kind=job.kind)
    assert await queue.cancel(wanted)
    assert not await queue.cancel(wanted), "it ends once"
    assert await queue.claim(1) == []
    queued, to_undo = await queue.due(await queue.at(60))
    assert queued == {}
    assert list(to_undo) == ([job.id] if is_undone else []), "what it may have left behind is removed"
    assert (await queue.events(job.id))[-1].state == "cancelled"


@pytest.mark.parametrize("end", ["succeed", "give_up"])
async def test_a_job_that_has_ended_is_not_cancelled(queue: Queue, end: str) -> None:
    job = queue.job()
    await queue.take_in([job])
    await getattr(queue, end)((await queue.claim(1))[0])
    assert not await queue.cancel(JobCancel(job_id=job.id, kind=job.kind))


async def test_a_job_that_is_given_up_leaves_a_copy_with_its_reason(queue: Queue) -> None:
    """RELIABILITY 5: in the transaction that makes it failed."""
    job = queue.job(unique_key="k")
    await queue.take_in([job])
    await queue.give_up((await queue.claim(1))[0])
    async with queue.database.read() as db:
        found = select(OutboxRow).where(OutboxRow.subject == f"jobs.dead.{job.kind}")
        [letter] = (await db.scalars(found)).all()
    assert letter.headers["X-Dead-Reason"] == "It broke."
    assert letter.headers["X-Dead-Attempts"] == "1"
    assert letter.payload == queue.envelope(job)


async def test_what_a_job_was_about_is_forgotten_with_its_end_unless_it_is_dead(queue: Queue) -> None:
    """Payloads hold addresses and links."""
    jobs = [queue.job() for _ in range(3)]
    await queue.take_in(jobs)
    done, dead, cancelled = await queue.claim(3)
    await queue.succeed(done)
    await queue.give_up(dead)
    await queue.cancel(JobCancel(job_id=cancelled.job.id, kind=cancelled.job.kind))
    await queue.undone(cancelled.job.id)
    assert [row["job_id"] for row in await queue.rows(QueuedJob)] == [dead.job.id]


async def test_jobs_that_ended_long_ago_are_forgotten_and_no_others(queue: Queue) -> None:
    jobs = [queue.job(unique_key=f"k.{n}") for n in range(4)]
    await queue.take_in(jobs)
    done, dead, running = await queue.claim(3)
    await queue.succeed(done)
    await queue.give_up(dead)
    kept = Upkeep(queue.database, kept=timedelta(days=30), kinds={})
    assert await kept.forget() == 0
    for ended in (done, dead):
        async with queue.database.write() as db:
            status = await db.get_one(JobStatus, ended.job.id)
            status.finished_at = await queue.at(-30 * 24 * 3600 - 60)
    assert await kept.forget() == 2
    left = {running.job.id, jobs[3].id}
    assert {row["job_id"] for row in await queue.rows(JobStatus)} == left
    assert {row["job_id"] for row in await queue.rows(QueuedJob)} == left, (
        "nor is a dead one kept for a replay"
    )


async def test_a_unique_key_waits_for_whoever_has_it_and_takes_its_result(queue: Queue) -> None:
    # RELIABILITY 2
    first, second = queue.job(unique_key="k"), queue.job(unique_key="k")
    await queue.take_in([first, second])
    [attempt] = await queue.claim(2)
    assert attempt.job.id == first.id
    await queue.succeed(attempt)
    await queue.due(await queue.at(60))
    assert await queue.claim(2) == []
    rows = {row["job_id"]: row for row in await queue.rows(JobStatus)}
    assert rows[second.id]["state"] == "succeeded"
    assert rows[second.id]["result"] == rows[first.id]["result"] == {"size": 1}


_MANY = """
INSERT INTO job_queue (job_id, kind, pool, priority, turn, envelope, fence, attempts, max_attempts, waits)
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 100000)
SELECT {id}, 'pdf_generation', 'render', 1, n, :envelope, 0, 0, 5, 0 FROM counted
"""
_ID = {
    "sqlite": "substr('0000000000000000000000000000000' || n, -32)",
    "postgresql": "CAST(lpad(CAST(n AS text), 32, '0') AS uuid)",
}


async def test_a_claim_costs_the_same_whether_few_wait_or_a_hundred_thousand(queue: Queue) -> None:
    async def claims() -> float:
        """Seconds that a claim takes, the median of some."""
        times = []
        for _ in range(21):
            begun = time.perf_counter()
            assert len(await queue.claim(1)) == 1
            times.append(time.perf_counter() - begun)
        return statistics.median(times)

    some = [queue.job() for _ in range(100)]
    await queue.take_in(some)
    few = await claims()
    async with queue.database.write() as db:
        many = text(_MANY.format(id=_ID[db.get_bind().dialect.name]))
        await db.execute(many, {"envelope": queue.envelope(some[0])})
    async with queue.database.write() as db:
        await db.execute(text("ANALYZE job_queue"))
    assert await claims() < 3 * few + 0.005
