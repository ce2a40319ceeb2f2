"""What becomes of each mail, and whether it may go out at all: each function is the content of one transaction.

A mail is noted as on its way before it is: so of many workers with mails to one recipient none counts too few.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from processor.mails import queries, suppressions
from processor.mails.kinds import UNSUBSCRIBED, Allowance, Category
from processor.mails.models import LoggedMail, Outcome

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is ready to go out. `recipient` is a hash."""

    job_id: UUID
    template: str
    category: Category
    language: str
    recipient: str
    message_id: str


class Suppressed(msgspec.Struct, frozen=True):
    """The recipient gets no such mails."""

    reason: str


class Limited(msgspec.Struct, frozen=True):
    """The recipient has had too many of these; `wait` is the seconds until there is room, None if the mail is dropped."""

    wait: float | None


async def admit(
    db: AsyncSession, mail: Mail, *, allowances: Mapping[Category, Allowance], useful_until: datetime
) -> Suppressed | Limited | None:
    """Note the mail as on its way, or why it is not. One that there is too much of waits, unless it is a convenience or
    would come too late."""
    at = now()
    await queries.hold(db, mail.recipient)
    logged = await _logged(db, mail)
    logged.attempts, logged.at = logged.attempts + 1, at
    if reason := await suppressions.reason_against(db, mail.recipient, mail.category, at=at):
        logged.outcome, logged.reason = "suppressed", reason
        return Suppressed(reason)
    if free_at := await _full_until(db, mail, allowances[mail.category], at=at):
        is_dropped = mail.category == UNSUBSCRIBED or free_at > useful_until
        logged.outcome = "limited" if is_dropped else "waiting"
        logged.reason = "too many mails to the recipient"
        return Limited(None if is_dropped else (free_at - at).total_seconds())
    logged.outcome, logged.reason = "sending", ""
    return None


async def _logged(db: AsyncSession, mail: Mail) -> LoggedMail:
    logged = await queries.find(db, mail.job_id)
    if logged is None:
        logged = LoggedMail(**msgspec.structs.asdict(mail), outcome="sending", reason="", attempts=0)
        db.add(logged)
    return logged


async def _full_until(db: AsyncSession, mail: Mail, allowance: Allowance, *, at: datetime) -> datetime | None:
    """When the recipient may get one more, if that is not now."""
    free_at = [
        sent + span
        for span, most in ((_HOUR, allowance.hour), (_DAY, allowance.day))
        if (sent := await _nth(db, mail, most, since=at - span)) is not None
    ]
    return max(free_at, default=None)


async def _nth(db: AsyncSession, mail: Mail, nth: int, *, since: datetime) -> datetime | None:
    template = None if mail.category == UNSUBSCRIBED else mail.template
    return await queries.nth_newest(
        db, mail.recipient, mail.category, template=template, nth=nth, since=since, besides=mail.job_id
    )


async def sent(db: AsyncSession, mail: Mail) -> None:
    await settle(db, mail, "sent")
    await queries.forgive(db, mail.recipient)


async def settle(db: AsyncSession, mail: Mail, outcome: Outcome, reason: str = "") -> None:
    """Note what became of a mail; also of one that was never on its way."""
    logged = await _logged(db, mail)
    logged.outcome, logged.reason, logged.at = outcome, reason[:80], now()


async def bounced(db: AsyncSession, mail: Mail, reason: str, *, most: int) -> None:
    """Note that there is no such recipient; who is refused `most` times in a row gets no more."""
    await settle(db, mail, "bounced", reason)
    await db.flush()
    await suppressions.bounced(db, mail.recipient, most=most)
