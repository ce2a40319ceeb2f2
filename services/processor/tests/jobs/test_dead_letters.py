"""What is kept of jobs that are dead: for a replay the whole, but of a mail no longer than somebody could want it."""

from datetime import timedelta
from functools import partial

import msgspec
import pytest
from processor_standins.platform import Platform, email_job
from processor_standins.queue import Queue, opened

from common.contracts.jobs import EmailJob, run_subject
from common.ids import new_id, now
from common.testing.fixtures import eventually
from processor.jobs.models import QueuedJob
from processor.jobs.runner import Done, Kind, Running
from processor.jobs.upkeep import Upkeep
from processor.mails.kinds import load
from processor.mails.sending import replayable_until
from processor.settings import Settings

ADDRESS = "zoe@example.org"


async def newest_letter(platform: Platform) -> tuple[int, str, bytes]:
    """Of dead mails: its number in the stream, the reason and the content."""
    letter = await platform.bus.jetstream.get_last_msg("JOBS_DLQ", f"jobs.dead.{EmailJob.KIND}")
    return letter.seq or 0, (letter.headers or {})["X-Dead-Reason"], letter.data or b""


async def test_the_dead_letter_of_a_mail_says_which_it_was_and_why_and_nothing_else(
    platform: Platform,
) -> None:
    """No address, and no link by which an account is opened, is kept for the 30 days of the dead letters."""
    job = email_job(ADDRESS, template="no-such")
    await platform.publish(job)
    await platform.ended(job.id)

    async def came() -> bool:
        return str(job.id).encode() in (await newest_letter(platform))[2]

    await eventually(came)
    seq, reason, content = await newest_letter(platform)
    assert reason
    told = msgspec.json.decode(content)
    assert (told["id"], told["kind"], told["payload"]) == (str(job.id), "email", {})
    assert b"zoe" not in content
    assert b"token" not in content

    unreadable = msgspec.json.encode(job)[:-2]
    await platform.bus.publish(run_subject(EmailJob.KIND), unreadable, headers={"Nats-Msg-Id": new_id().hex})

    async def another_came() -> bool:
        return (await newest_letter(platform))[0] > seq

    await eventually(another_came)
    _, reason, content = await newest_letter(platform)
    assert reason.startswith("not a job")
    assert content == b""


async def _never(_running: Running) -> Done:
    raise AssertionError


@pytest.mark.parametrize(("template", "is_kept"), [("password-reset", False), ("password-changed", True)])
async def test_a_dead_mail_is_forgotten_when_it_is_of_no_use_any_more(
    platform: Platform, settings: Settings, template: str, is_kept: bool
) -> None:
    """Its link has expired: a replay could do nothing but be late."""
    asked_at = now() - timedelta(minutes=11)
    job = email_job("not an address", template=template, run_at=asked_at)
    await platform.publish(job)
    assert (await platform.ended(job.id)).state == "failed"
    kind = Kind(_never, "mail", useful_until=partial(replayable_until, load()))
    async with opened(settings) as database:
        await Upkeep(database, kept=timedelta(days=30), kinds={"email": kind}).forget_what_is_of_no_use()
        [row] = [row for row in await Queue(database).rows(QueuedJob) if row["job_id"] == job.id]
    assert (row["envelope"] is not None) is is_kept
