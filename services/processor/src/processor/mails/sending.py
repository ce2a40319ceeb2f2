"""The mail job: write a letter, hand it to the mail server, note that.

A mail goes out once, but for one gap that SMTP leaves open: if the process dies after the server took the mail and
before the row was committed, the mail goes out a second time, with the same Message-ID.
"""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob, Job
from common.contracts.profiles import ProfileRecord
from common.db import Database
from common.http import ServiceClient, ServiceUnavailable
from common.ids import made_at, now
from common.jobs import JobPostponed, JobRejected
from processor.jobs.runner import Done, Running
from processor.mails import ledger
from processor.mails.kinds import UNSUBSCRIBED, Allowance, Category, Kind
from processor.mails.ledger import Limited, Mail, Suppressed
from processor.mails.letters import language_of, write
from processor.mails.messages import compose
from processor.mails.recipients import Recipients
from processor.mails.smtp import MailRefused, MailUnavailable, NoSuchRecipient, Server, deliver
from processor.mails.unsubscribing import Links
from processor.mails.values import UnusableLetter


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who mails are from, where answers go, and where bounces do."""

    sender: str
    reply_to: str = ""
    return_path: str = ""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How much a recipient may get, and after how many refusals in a row it gets nothing more."""

    allowances: Mapping[Category, Allowance]
    bounces: int


class Mails:
    """The work of the job kind `email`. Errors leave without what caused them: it would name the recipient."""

    def __init__(
        self,
        server: Server,
        envelope: Envelope,
        *,
        database: Database,
        profiles: ServiceClient,
        kinds: Mapping[str, Kind],
        recipients: Recipients,
        links: Links,
        rules: Rules,
    ) -> None:
        self._server, self._envelope, self._database, self._profiles = server, envelope, database, profiles
        self._kinds, self._recipients, self._links, self._rules = kinds, recipients, links, rules

    async def __call__(self, running: Running) -> Done:
        job = running.job
        wanted = await self._addressed(_payload(job.payload), job.user_id)
        try:
            mail, message = self._written(job, wanted)
        except UnusableLetter as error:
            raise JobRejected(str(error)) from None
        useful_until = _useful_until(job, self._kinds[mail.template])
        await self._check_time(mail, useful_until)
        if stopped := await self._admitted(mail, useful_until):
            return stopped
        # Made before the mail is out: nothing may go wrong after that.
        done = _done(mail)
        await running.enter("sending", 0.5, can_stop=False)
        await running.check_held()
        await self._deliver(mail, message)
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

    def _written(self, job: Job, wanted: EmailJob) -> tuple[Mail, EmailMessage]:
        """The message, and what is noted of it. Raises UnusableLetter."""
        kind, recipient = self._kinds.get(wanted.template), self._recipients.hash(wanted.to)
        unsubscribe = ""
        if kind is not None and kind.category == UNSUBSCRIBED:
            language = language_of(wanted.locale)
            unsubscribe = self._links.link(recipient, kind.category, language=language)
        letter = write(wanted.template, locale=wanted.locale, data=wanted.data, unsubscribe=unsubscribe)
        if kind is None:
            raise UnusableLetter("the template is not a kind of mail")
        message = compose(
            letter,
            job_id=job.id,
            sender=self._envelope.sender,
            reply_to=self._envelope.reply_to,
            to=wanted.to,
            at=now(),
            unsubscribe=unsubscribe,
        )
        mail = Mail(
            job_id=job.id,
            template=wanted.template,
            category=kind.category,
            language=letter.language,
            recipient=recipient,
            message_id=str(message["Message-ID"]),
        )
        return mail, message

    async def _check_time(self, mail: Mail, useful_until: datetime) -> None:
        """Raises JobRejected if the mail is of no use any more: its link has expired, or its news is old."""
        if now() <= useful_until:
            return
        async with self._database.write() as db:
            await ledger.settle(db, mail, "expired")
        raise JobRejected("It was not sent in time.")

    async def _admitted(self, mail: Mail, useful_until: datetime) -> Done | None:
        """The end of the job if the mail must not go out. Raises JobPostponed if it may later."""
        async with self._database.write() as db:
            verdict = await ledger.admit(
                db, mail, allowances=self._rules.allowances, useful_until=useful_until
            )
        match verdict:
            case Suppressed(reason):
                return Done({"suppressed": reason}, _nothing)
            case Limited(None):
                return Done({"limited": mail.category}, _nothing)
            case Limited(wait):
                raise JobPostponed("too many mails to the recipient", delay=wait)
        return None

    async def _deliver(self, mail: Mail, message: EmailMessage) -> None:
        try:
            await deliver(self._server, message, return_path=self._envelope.return_path)
        except MailUnavailable as error:
            async with self._database.write() as db:
                await ledger.settle(db, mail, "waiting", str(error))
            raise JobPostponed(str(error)) from None
        except MailRefused as error:
            async with self._database.write() as db:
                if isinstance(error, NoSuchRecipient):
                    await ledger.bounced(db, mail, str(error), most=self._rules.bounces)
                else:
                    await ledger.settle(db, mail, "refused", str(error))
            raise JobRejected(str(error)) from None


def _useful_until(job: Job, kind: Kind) -> datetime:
    """When the mail is of no use any more: at the job's deadline, or so long after it was to be sent."""
    ends = _asked_at(job) + kind.life
    return ends if job.deadline is None else min(job.deadline, ends)


def replayable_until(kinds: Mapping[str, Kind], job: Job) -> datetime:
    """When a mail that could not be sent is of no use any more, whatever its deadline was. One of no known kind may be of a
    newer release."""
    kind = kinds.get(str(job.payload.get("template")))
    return _asked_at(job) + (kind.life if kind is not None else max(known.life for known in kinds.values()))


def _asked_at(job: Job) -> datetime:
    return job.run_at or made_at(job.id) or now()


def _done(mail: Mail) -> Done:
    async def record(db: AsyncSession) -> None:
        await ledger.sent(db, mail)

    return Done({"messageId": mail.message_id}, record)


async def _nothing(_db: AsyncSession) -> None:
    """There is nothing more to note."""


def _payload(payload: dict[str, Any]) -> EmailJob:
    try:
        return msgspec.convert(payload, EmailJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from None
