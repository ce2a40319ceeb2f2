# ruff: noqa: ARG002, N802 (the handlers' names and arguments are aiosmtpd's)
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from common.testing.ports import free_port


class Mailbox:
    """A mail server. `answer_recipient` and `answer_data` are its replies when it does not say yes."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.answer_recipient = self.answer_data = ""
        self.delay = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Mailbox"]:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="mail.test"), "127.0.0.1", self.port
        )
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if str(mail["To"]) == address]

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.answer_recipient:
            return self.answer_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer_data:
            return self.answer_data
        await asyncio.sleep(self.delay)
        self.raw.append(envelope.content)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"
