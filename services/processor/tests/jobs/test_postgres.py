"""Replicas share one PostgreSQL: the same claims, by the URL alone."""

import asyncio
from collections.abc import Callable

from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, email_job, export_job

import processor
from common.ids import new_id
from common.testing.processes import Nats
from processor.documents.models import RenderedDocument
from processor.mails.models import LoggedMail


async def test_replicas_that_race_have_one_effect_a_job(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    migrated_postgres: Callable[[str], str],
    api: Api,
    mailbox: Mailbox,
    rows: Rows,
) -> None:
    broker, platform = apart
    address = f"{new_id().hex}@example.org"
    exports = [export_job(api.version().id) for _ in range(4)]
    mails = [email_job(address, unique_key=f"k.{new_id()}" if n < 3 else "shared") for n in range(6)]
    settings = processor_settings(nats_url=broker.url, database_url=migrated_postgres(processor.__file__))
    async with start_processor(settings), start_processor(settings):
        twice = [platform.publish(job, message_id=new_id().hex) for job in exports + mails for _ in range(2)]
        await asyncio.gather(*twice)
        for job in exports + mails:
            assert (await platform.ended(job.id)).state == "succeeded"
        await platform.is_idle("email")
        await platform.is_idle("pdf_generation")
        assert len(await rows(settings, RenderedDocument)) == 4
        assert len(await rows(settings, LoggedMail)) == 4
    assert len(mailbox.to(address)) == 4
    for job in exports + mails:
        assert [event.seq for event in platform.events[job.id]] == [
            1 + n for n in range(len(platform.events[job.id]))
        ]
