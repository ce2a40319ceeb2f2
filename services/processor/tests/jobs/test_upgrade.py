"""Jobs of the release before go on in this one: those that were done are not done again (RELIABILITY 17)."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from nats.js.api import AckPolicy, ConsumerConfig
from processor_standins.kinds import MakeProcessorSettings, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, email_job

import processor
from common import migrations
from common.contracts.jobs import Job
from common.ids import new_id, now
from common.testing.processes import Nats

AT = now().strftime("%Y-%m-%d %H:%M:%S.%f")


def migrate(url: str, revision: str) -> None:
    """In a thread of its own: the revisions run in an event loop of their own."""
    config = migrations._config(migrations.folder(processor.__file__), url)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.upgrade, config, revision).result()


class Former:
    """The database of the release before."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "former.sqlite3"
        self.url = f"sqlite+aiosqlite:///{self.file}"
        migrate(self.url, "0001")

    def holds(self, job: Job, state: str, *, message: int | None, result: str | None = None) -> None:
        with sqlite3.connect(self.file) as db:
            db.execute(
                "INSERT INTO job_queue (job_id, kind, unique_key, message, fence, attempts, max_attempts, waits, claimed_at) "
                "VALUES (?, ?, ?, ?, 1, ?, 5, 0, ?)",
                (job.id.hex, job.kind, job.unique_key or None, message, 1 if message else 0, AT),
            )
            db.execute(
                "INSERT INTO job_status (job_id, kind, state, seq, progress, stage, attempt, result, created_at, finished_at) "
                "VALUES (?, ?, ?, 1, 0, '', 1, ?, ?, ?)",
                (job.id.hex, job.kind, state, result, AT, AT if state == "succeeded" else None),
            )
        db.close()


@pytest.fixture
def former(tmp_path: Path) -> Former:
    return Former(tmp_path)


async def test_what_was_queued_or_running_goes_on_and_what_was_done_is_not_done_again(
    apart: tuple[Nats, Platform],
    former: Former,
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    mailbox: Mailbox,
) -> None:
    broker, platform = apart
    to = {state: f"{new_id().hex}@example.org" for state in ("queued", "running", "succeeded", "same")}
    jobs = {state: email_job(to[state]) for state in ("queued", "running")}
    jobs["succeeded"] = email_job(to["succeeded"], unique_key="welcome.1")
    jobs["same"] = email_job(to["same"], unique_key="welcome.1")
    former.holds(jobs["queued"], "queued", message=None)
    former.holds(jobs["running"], "running", message=2)
    former.holds(jobs["succeeded"], "succeeded", message=None, result='{"messageId": "<1@example.org>"}')
    held = ConsumerConfig(
        durable_name="email", filter_subject="jobs.run.email", ack_policy=AckPolicy.EXPLICIT
    )
    await platform.bus.jetstream.add_consumer("JOBS", held)
    for job in jobs.values():
        await platform.publish(job)
    taken = await platform.bus.jetstream.pull_subscribe_bind("email", stream="JOBS")
    assert len(await taken.fetch(2)) == 2, "the former release has two in hand, and never answers"
    migrate(former.url, "head")
    async with start_processor(
        processor_settings(nats_url=broker.url, database_url=former.url, ack_wait=1.0)
    ):
        for state in ("queued", "running", "same"):
            assert (await platform.ended(jobs[state].id)).state == "succeeded", state
        await platform.is_idle("email")
    assert {state: len(mailbox.to(address)) for state, address in to.items()} == {
        "queued": 1,
        "running": 1,
        "succeeded": 0,
        "same": 0,
    }
    assert platform.events[jobs["same"].id][-1].result == {"messageId": "<1@example.org>"}
    assert platform.events[jobs["running"].id][-1].attempt == 2
