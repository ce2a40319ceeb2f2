"""Who gets no mails: because they unsubscribed or complained, because there is no such recipient, or because staff say so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from common.problems import NotFound
from processor.mails import queries
from processor.mails.kinds import Category
from processor.mails.models import ALL, Reason, Suppression

BOUNCES_COUNT_FOR = timedelta(days=7)
"""After which a recipient whom there was not is tried again: mailboxes come back, and people need their links."""


class SuppressionNotFound(NotFound):
    code, title = "SUPPRESSION_NOT_FOUND", "The recipient is not on the list"


async def reason_against(db: AsyncSession, recipient: str, category: Category, *, at: datetime) -> str | None:
    """Why the recipient gets no mail of this category, if so."""
    known = await queries.suppressions(db, recipient)
    return next((row.reason for row in known if _holds(row, category, at)), None)


def _holds(row: Suppression, category: Category, at: datetime) -> bool:
    """What happened to an account is told also to somebody who may not be there: it costs one mail."""
    if row.reason == "bounced":
        return category != "security" and row.at > at - BOUNCES_COUNT_FOR
    return row.category in {category, ALL}


async def add(db: AsyncSession, recipient: str, category: str, *, reason: Reason) -> Suppression:
    """Put a recipient on the list; the newest reason stays, but for a bounce, which says the least."""
    row = await queries.suppression(db, recipient, category)
    if row is None:
        row = Suppression(recipient=recipient, category=category, reason=reason)
        db.add(row)
        await db.flush()
    elif reason != "bounced" or row.reason == "bounced":
        row.reason, row.at = reason, now()
    return row


async def unsubscribe(db: AsyncSession, recipient: str, category: Category) -> None:
    """The recipient wants no more of these. Asking again changes nothing."""
    if await queries.suppression(db, recipient, category) is None:
        await add(db, recipient, category, reason="unsubscribed")


async def subscribe(db: AsyncSession, recipient: str, category: Category) -> None:
    """Take back `unsubscribe`, and nothing that others decided."""
    row = await queries.suppression(db, recipient, category)
    if row is not None and row.reason == "unsubscribed":
        await db.delete(row)


async def is_subscribed(db: AsyncSession, recipient: str, category: Category) -> bool:
    return await queries.suppression(db, recipient, category) is None


async def remove(db: AsyncSession, suppression_id: UUID) -> None:
    """Raises SuppressionNotFound."""
    if not await queries.remove(db, suppression_id):
        raise SuppressionNotFound


async def bounced(db: AsyncSession, recipient: str, *, most: int) -> None:
    """The newest mail to the recipient was refused because there is no such: enough of them in a row, and they are on
    the list."""
    answers: Sequence[str] = await queries.last_answers(db, recipient, limit=most)
    if len(answers) == most and set(answers) == {"bounced"}:
        await add(db, recipient, ALL, reason="bounced")
