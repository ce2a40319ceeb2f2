"""What a job carries from whoever enqueues it, and how long it waits between its attempts."""

from datetime import timedelta

import msgspec
from sqlalchemy import select

from common.contracts.jobs import EmailJob, Job
from common.db import Database
from common.ids import new_id, now
from common.jobs import enqueue, retry_delay
from common.outbox import OutboxRow


async def test_a_job_is_on_its_way_once_its_transaction_has_committed(database: Database) -> None:
    user_id = new_id()
    later = now() + timedelta(hours=1)
    async with database.write() as db:
        job_id = enqueue(
            db,
            EmailJob(template="welcome"),
            kind=EmailJob.KIND,
            user_id=user_id,
            unique_key="welcome.1",
            priority="bulk",
            run_at=later,
            deadline=later + timedelta(hours=1),
        )
    async with database.read() as db:
        row = (await db.scalars(select(OutboxRow))).one()
    job = msgspec.json.decode(row.payload, type=Job)
    assert (row.subject, row.message_id) == ("jobs.run.email", str(job_id))
    assert (job.id, job.user_id, job.unique_key, job.priority) == (job_id, user_id, "welcome.1", "bulk")
    assert (job.run_at, job.deadline) == (later, later + timedelta(hours=1))


def test_retries_wait_twice_as_long_each_time_and_never_too_long() -> None:
    for attempt in range(1, 30):
        longest = min(2.0 * 2 ** (attempt - 1), 120.0)
        assert longest / 2 <= retry_delay(attempt) <= longest
