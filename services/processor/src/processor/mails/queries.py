"""Every statement on mails that selects or is conditional."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from processor.mails.models import ALL, LoggedMail, Suppression

AT_ONCE = 500


async def hold(db: AsyncSession, recipient: str) -> None:
    """Be the only one who counts the mails of a recipient until the transaction ends. On SQLite there is one writer."""
    if db.get_bind().dialect.name == "postgresql":
        lock = int.from_bytes(hashlib.sha256(recipient.encode()).digest()[:8], "big", signed=True)
        await db.execute(select(func.pg_advisory_xact_lock(lock)))


async def find(db: AsyncSession, job_id: UUID) -> LoggedMail | None:
    return await db.get(LoggedMail, job_id)


async def nth_newest(
    db: AsyncSession,
    recipient: str,
    category: str,
    *,
    template: str | None = None,
    nth: int,
    since: datetime,
    besides: UUID,
) -> datetime | None:
    """When the `nth` newest mail of a category, or of a kind in it, went to the recipient, if that was after `since`."""
    found = select(LoggedMail.at).where(
        LoggedMail.recipient == recipient,
        LoggedMail.category == category,
        LoggedMail.outcome.in_(("sending", "sent")),
        LoggedMail.at > since,
        LoggedMail.job_id != besides,
    )
    if template is not None:
        found = found.where(LoggedMail.template == template)
    return await db.scalar(found.order_by(LoggedMail.at.desc()).offset(nth - 1).limit(1))


async def last_answers(db: AsyncSession, recipient: str, *, limit: int) -> Sequence[str]:
    """The outcomes of the newest mails to the recipient that the mail server took, or refused because of them."""
    found = await db.scalars(
        select(LoggedMail.outcome)
        .where(LoggedMail.recipient == recipient, LoggedMail.outcome.in_(("sent", "bounced")))
        .order_by(LoggedMail.at.desc())
        .limit(limit)
    )
    return found.all()


async def suppressions(db: AsyncSession, recipient: str) -> Sequence[Suppression]:
    return (await db.scalars(select(Suppression).where(Suppression.recipient == recipient))).all()


async def suppression(db: AsyncSession, recipient: str, category: str) -> Suppression | None:
    """The row of exactly this category (or `all`)."""
    return await db.scalar(
        select(Suppression).where(Suppression.recipient == recipient, Suppression.category == category)
    )


async def remove(db: AsyncSession, suppression_id: UUID) -> bool:
    """Whether there was one."""
    gone = await db.execute(
        delete(Suppression).where(Suppression.id == suppression_id).returning(Suppression.id)
    )
    return gone.first() is not None


async def forgive(db: AsyncSession, recipient: str) -> None:
    """Take a recipient off the list who is there because there was none: there is one now."""
    await db.execute(
        delete(Suppression).where(
            Suppression.recipient == recipient, Suppression.category == ALL, Suppression.reason == "bounced"
        )
    )


async def newest_suppressions(
    db: AsyncSession, *, after: UUID | None, limit: int, recipient: str | None, reason: str | None
) -> Sequence[Suppression]:
    wanted = select(Suppression).order_by(Suppression.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Suppression.id < after)
    if recipient is not None:
        wanted = wanted.where(Suppression.recipient == recipient)
    if reason is not None:
        wanted = wanted.where(Suppression.reason == reason)
    return (await db.scalars(wanted)).all()


async def newest_mails(
    db: AsyncSession,
    *,
    after: UUID | None,
    limit: int,
    recipient: str | None = None,
    template: str | None = None,
    outcome: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[LoggedMail]:
    """Logged mails, the newest jobs first; each filter that is given narrows them."""
    wanted = select(LoggedMail).order_by(LoggedMail.job_id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(LoggedMail.job_id < after)
    equal = {
        LoggedMail.recipient: recipient,
        LoggedMail.template: template,
        LoggedMail.outcome: outcome,
    }
    for column, value in equal.items():
        wanted = wanted if value is None else wanted.where(column == value)
    return (await db.scalars(_between(wanted, since, until))).all()


def _between(
    wanted: Select[LoggedMail], since: datetime | None, until: datetime | None
) -> Select[LoggedMail]:
    if since is not None:
        wanted = wanted.where(LoggedMail.at >= since)
    return wanted if until is None else wanted.where(LoggedMail.at < until)


async def forget(db: AsyncSession, before: datetime) -> int:
    """Delete some of the log of before then; how many, 0 when none is left."""
    old = select(LoggedMail.job_id).where(LoggedMail.at < before).limit(AT_ONCE)
    gone = await db.execute(delete(LoggedMail).where(LoggedMail.job_id.in_(old)).returning(LoggedMail.job_id))
    return len(gone.all())
