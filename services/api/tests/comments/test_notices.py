"""The owner learns of new comments by mail, at most once an hour, and of all of them in the end."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import nats as nats_py
import pytest_asyncio
from nats.aio.msg import Msg

from api.comments.notices import EVERY, Notices
from common.contracts.jobs import EmailJob, Job
from common.db import Database
from common.ids import now
from common.testing.fixtures import eventually
from common.testing.processes import Nats


class Mails:
    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def take(self, message: Msg) -> None:
        self.jobs.append(msgspec.json.decode(message.data, type=Job))

    def to(self, owner_id: UUID) -> list[EmailJob]:
        return [msgspec.convert(job.payload, EmailJob) for job in self.jobs if job.user_id == owner_id]

    async def reached(self, owner_id: UUID, count: int) -> list[EmailJob]:
        async def enough() -> bool:
            return len(self.to(owner_id)) >= count

        await eventually(enough)
        return self.to(owner_id)


@pytest_asyncio.fixture
async def mails(nats: Nats, client: httpx.AsyncClient) -> AsyncIterator[Mails]:
    connection, mails = await nats_py.connect(nats.url), Mails()
    await connection.subscribe("jobs.run.email", cb=mails.take)
    await connection.flush()
    yield mails
    await connection.close()


async def overdue(database: Database, **later: float) -> None:
    await Notices("https://resumax.test/").overdue(database, at=now() + timedelta(**later))


async def test_the_first_comment_is_told_at_once_and_those_of_the_next_hour_together(
    link: Any, mails: Mails, owner_id: UUID, database: Database
) -> None:
    made, charles = await link.say("First.")
    [mail] = await mails.reached(owner_id, 1)
    assert (mail.template, mail.to, mail.data["title"]) == ("comments", "", "Ada")
    assert mail.data["link"].startswith("http")
    assert "First." not in str(mail.data)
    await link.client.post(f"{link.path}/{made['id']}/replies", json={"text": "Second."}, headers=charles)
    await link.say("Third.", headers=charles)
    await overdue(database, minutes=59)
    assert len(mails.to(owner_id)) == 1
    await overdue(database, minutes=61)
    await mails.reached(owner_id, 2)
    await overdue(database, minutes=62)
    await overdue(database, minutes=200)
    assert len(mails.to(owner_id)) == 2, "there was nothing new"


async def test_nobody_is_told_of_what_they_said_themselves(
    link: Any, mails: Mails, owner_id: UUID, database: Database
) -> None:
    made = await link.of.note()
    await link.of.act(made, "replies", {"text": "x"})
    await link.post({"text": "From me."}, link.of.owner)
    await overdue(database, minutes=200)
    other = await link.of.share()
    await other.say()
    await mails.reached(owner_id, 1)
    assert len(mails.to(owner_id)) == 1


async def test_nobody_is_told_of_a_resume_in_the_trash(
    link: Any, mails: Mails, owner_id: UUID, database: Database
) -> None:
    await link.say()
    await link.say("More.", name="Other")
    await link.client.delete(link.of.path, headers=link.of.owner)
    await overdue(database, minutes=200)
    await mails.reached(owner_id, 1)
    assert len(mails.to(owner_id)) == 1


def test_the_promise_is_an_hour() -> None:
    assert timedelta(hours=1) == EVERY
