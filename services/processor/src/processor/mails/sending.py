"""The mail job: write a letter, hand it to the mail server, note that.

A mail goes out once, but for one gap that SMTP leaves open: if the process dies after the server took the mail and
before the row was committed, the mail goes out a second time, with the same Message-ID.
"""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.contracts.profiles import ProfileRecord
from common.http import ServiceClient, ServiceUnavailable
from common.ids import now
from common.jobs import JobPostponed, JobRejected
from processor.jobs.runner import Done, Running
from processor.mails.letters import write
from processor.mails.messages import compose
from processor.mails.models import SentMail
from processor.mails.smtp import MailRefused, MailUnavailable, Server, deliver
from processor.mails.values import UnusableLetter


class Mails:
    """The work of the job kind `email`. Errors leave without what caused them: it would name the recipient."""

    def __init__(self, server: Server, *, sender: str, profiles: ServiceClient) -> None:
        self._server, self._sender, self._profiles = server, sender, profiles

    async def __call__(self, running: Running) -> Done:
        wanted = await self._addressed(_payload(running.job.payload), running.job.user_id)
        try:
            letter = write(wanted.template, locale=wanted.locale, data=wanted.data)
            message = compose(letter, job_id=running.job.id, sender=self._sender, to=wanted.to, at=now())
        except UnusableLetter as error:
            raise JobRejected(str(error)) from None
        # Made before the mail is out: nothing may go wrong after that.
        done = _done(running.job.id, wanted, str(message["Message-ID"]))
        await running.enter("sending", 0.5, can_stop=False)
        await running.check_held()
        try:
            await deliver(self._server, message)
        except MailUnavailable as error:
            raise JobPostponed(str(error)) from None
        except MailRefused as error:
            raise JobRejected(str(error)) from None
        return done

    async def _addressed(self, wanted: EmailJob, user_id: UUID | None) -> EmailJob:
        """`wanted` with the address and language of the user's profile, unless it brought an address."""
        if wanted.to:
            return wanted
        if user_id is None:
            raise JobRejected("The mail has neither an address nor a user.")
        try:
            profile = await self._profiles.get(f"/internal/profiles/{user_id}", ProfileRecord)
        except ServiceUnavailable as error:
            raise JobPostponed("the account service is not available") from error
        return msgspec.structs.replace(wanted, to=profile.email, locale=profile.locale)


def _done(job_id: UUID, wanted: EmailJob, message_id: str) -> Done:
    sent = SentMail(
        job_id=job_id,
        template=wanted.template,
        recipient_sha256=recipient_hash(wanted.to),
        message_id=message_id,
    )

    async def record(db: AsyncSession) -> None:
        db.add(sent)

    return Done({"messageId": message_id}, record)


def recipient_hash(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def _payload(payload: dict[str, Any]) -> EmailJob:
    try:
        return msgspec.convert(payload, EmailJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from None
