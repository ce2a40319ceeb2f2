"""Mail jobs on the shared processor, and who reads about them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from processor_standins.kinds import ReadMailLog, SendMail
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, email_job

from common.contracts.jobs import JobEvent
from common.ids import new_id
from common.testing.issuer import Issuer


@pytest.fixture
def address() -> str:
    return f"{new_id().hex}@example.org"


@pytest.fixture
def moody(mailbox: Mailbox) -> Iterator[Mailbox]:
    """The mail server, friendly again afterwards."""
    yield mailbox
    mailbox.answer_recipient = mailbox.answer_data = ""
    mailbox.delay = 0.0


@pytest.fixture
def admin(issuer: Issuer) -> dict[str, str]:
    return issuer.service_headers("processor", client_id="admin")


@pytest.fixture
def send(platform: Platform, address: str) -> SendMail:
    """`await send("comments")`: a mail of this kind to the address, and how its job ended."""

    async def through(template: str, **changes: Any) -> JobEvent:
        data = {"title": "Ada", "link": "https://example.org/home", "name": ""}
        job = email_job(changes.pop("to", address), template=template, data=data, **changes)
        return await platform.ended(await platform.publish(job))

    return through


@pytest.fixture
def log(client: httpx.AsyncClient, admin: dict[str, str], address: str) -> ReadMailLog:
    """`await log()`: what staff read of the mails to the address."""

    async def read(**filters: str) -> list[dict[str, Any]]:
        answer = await client.get("/internal/mails", params={"address": address} | filters, headers=admin)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    return read
