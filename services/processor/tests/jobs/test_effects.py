"""A job may come twice, at once or later, to one processor or two: its effect happens once (RELIABILITY 2)."""

import asyncio
from collections.abc import Iterator

import pytest
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, email_job, export_job

from common.ids import new_id
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from processor.documents.models import RenderedDocument
from processor.jobs.models import JobStatus
from processor.mails.models import LoggedMail
from processor.settings import Settings


@pytest.fixture
def address() -> str:
    return f"{new_id().hex}@example.org"


@pytest.fixture
def slow(mailbox: Mailbox) -> Iterator[Mailbox]:
    """The mail server, in no hurry."""
    mailbox.delay = 0.5
    yield mailbox
    mailbox.delay = 0.0


async def test_a_mail_that_comes_again_after_the_deduplication_window_is_not_sent_again(
    platform: Platform, mailbox: Mailbox, address: str
) -> None:
    job = email_job(address)
    await platform.publish(job)
    await platform.publish(job)  # within the window: the broker drops it
    await platform.ended(job.id)
    for _ in range(3):
        await platform.publish(job, message_id=new_id().hex)
    await platform.is_idle("email")
    assert len(mailbox.to(address)) == 1
    assert platform.states(job.id) == ["running", "succeeded"]


async def test_an_export_that_comes_again_is_not_rendered_again(
    platform: Platform, api: Api, rows: Rows, settings: Settings
) -> None:
    job = export_job(api.version().id)
    await platform.publish(job)
    await platform.ended(job.id)
    await platform.publish(job, message_id=new_id().hex)
    await platform.is_idle("pdf_generation")
    assert platform.states(job.id) == ["running", "succeeded"]
    stored = [row for row in await rows(settings, RenderedDocument) if str(job.id) in row.key]
    assert len(stored) == 1


async def test_two_processors_that_race_for_a_mail_send_one(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    slow: Mailbox,
    address: str,
    rows: Rows,
) -> None:
    broker, platform = apart
    settings = processor_settings(nats_url=broker.url)
    async with start_processor(settings), start_processor(settings):
        job = email_job(address)
        await asyncio.gather(*(platform.publish(job, message_id=new_id().hex) for _ in range(6)))
        await platform.ended(job.id)
        await platform.is_idle("email")
    assert len(slow.to(address)) == 1
    assert len(await rows(settings, LoggedMail)) == 1
    assert [event.seq for event in platform.events[job.id]] == [1, 2]


async def test_two_jobs_with_one_unique_key_have_one_effect_between_them(
    platform: Platform, slow: Mailbox, address: str
) -> None:
    key = f"welcome.{new_id()}"
    jobs = [email_job(address, unique_key=key) for _ in range(3)]
    for job in jobs:
        await platform.publish(job)
    results = [(await platform.ended(job.id)).result for job in jobs]
    assert len(slow.to(address)) == 1
    assert results[0] == results[1] == results[2]


async def test_a_unique_key_is_free_again_when_its_job_failed(
    platform: Platform, mailbox: Mailbox, address: str
) -> None:
    key = f"welcome.{new_id()}"
    failed = email_job(address, unique_key=key, template="no-such")
    await platform.publish(failed)
    assert (await platform.ended(failed.id)).state == "failed"
    second = email_job(address, unique_key=key)
    await platform.publish(second)
    assert (await platform.ended(second.id)).state == "succeeded"
    assert len(mailbox.to(address)) == 1


async def test_many_jobs_at_once_all_succeed_once_each(
    platform: Platform, api: Api, rows: Rows, settings: Settings
) -> None:
    jobs = [await platform.export(api.version().id) for _ in range(30)]
    for job_id in jobs:
        assert (await platform.ended(job_id)).state == "succeeded"
    known = {status.job_id: status for status in await rows(settings, JobStatus)}
    assert {known[job_id].attempt for job_id in jobs} == {1}
    assert all(known[job_id].finished_at >= known[job_id].started_at for job_id in jobs)


async def test_progress_is_told_at_most_four_times_a_second(platform: Platform, api: Api) -> None:
    api.gate.clear()
    try:
        job_id = await platform.export(api.version().id)

        async def told() -> bool:
            return bool(platform.progress[job_id])

        await eventually(told)
        await asyncio.sleep(0.3)
    finally:
        api.gate.set()
    await platform.ended(job_id)
    stages = [(told.stage, told.progress) for told in platform.progress[job_id]]
    assert stages[0] == ("fetching", 0.1)
    assert len(stages) <= 3
