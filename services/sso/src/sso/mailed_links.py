"""Links that anyone who knows an address can have mailed to it: to set a password, to sign in (SECURITY 5, 8).

The newest of a kind is the only good one, once and for 10 minutes. Nobody's mailbox is flooded: an account gets at
most MOST of a kind in WINDOW, and who asks for more is not told. Each kind has a share of its own, so that a stranger
who uses one up keeps the owner from nothing else.

Who uses a link or voids it holds the account first: of two that take turns about it none waits for the other's row.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, new_token, now
from common.jobs import enqueue
from common.problems import Problem
from sso import one_time
from sso.callers import Caller
from sso.even_time import even_time
from sso.magic_links.models import MagicLink
from sso.password_resets.models import PasswordReset
from sso.security_events import service as security_events
from sso.users import queries as users
from sso.users.emails import email_key
from sso.users.models import User
from sso.verifications.models import EmailVerification

GOOD_FOR = timedelta(minutes=10)
MOST, WINDOW = 3, timedelta(minutes=15)
Kind = type[PasswordReset] | type[MagicLink] | type[EmailVerification]
L = TypeVar("L", PasswordReset, MagicLink)


class LinkInvalid(Problem):
    status, code, title = 400, "TOKEN_INVALID", "This link is not valid, or was used before"


class LinkUsed(LinkInvalid):
    """To callers the same, but for the detail."""


class LinkExpired(LinkInvalid):
    """To callers the same, but for the detail."""


class Letter(msgspec.Struct, frozen=True):
    """What is mailed: the mail's `template`, and the page (a path) that its link leads to; on the trail as `event`."""

    template: str
    page: str
    event: str


async def request(
    database: Database, link: L, letter: Letter, email: str, *, caller: Caller, public_url: str
) -> None:
    """Mail `link` (without its secret as yet) to the owner of `email`, if that is an active account's. Nobody can tell."""
    async with even_time(), database.write() as db:
        user = await users.lock_by_email(db, email_key(email))
        user_id = user.id if user is not None else None
        security_events.record(db, letter.event, user_id=user_id, caller=caller)
        if user is not None and user.is_active and not await has_its_share(db, type(link), user.id):
            await _mail(db, link, letter, user, public_url)


async def has_its_share(db: AsyncSession, kind: Kind, user_id: UUID) -> bool:
    """Asked while the account is held, so that requests at once are counted one after the other."""
    counted = select(func.count()).where(kind.user_id == user_id, kind.created_at > now() - WINDOW)
    return (await db.scalar(counted) or 0) >= MOST


async def _mail(db: AsyncSession, link: L, letter: Letter, user: User, public_url: str) -> None:
    at, token = now(), new_token()
    await void(db, type(link), user.id, at=at)
    link.id, link.user_id, link.sha256 = new_id(), user.id, one_time.sha256(token)
    link.created_at, link.expires_at = at, at + GOOD_FOR
    db.add(link)
    address = f"{public_url}{letter.page}?token={token}"
    mail = EmailJob(
        template=letter.template,
        to=user.email,
        locale=user.locale,
        data={"name": user.name, "link": address},
    )
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"{letter.template}.{link.id}",
    )


async def void(db: AsyncSession, kind: Kind, user_id: UUID, *, at: datetime) -> None:
    """Let older links expire. Their rows stay, because they are what the mails are counted by."""
    await db.execute(
        update(kind)
        .where(kind.user_id == user_id, kind.used_at.is_(None), kind.expires_at > at)
        .values(expires_at=at)
        .execution_options(synchronize_session=False)
    )


async def usable(db: AsyncSession, kind: type[L], token: str) -> L:
    """The link of `token`, which stays good. Raises LinkInvalid (LinkUsed, LinkExpired)."""
    link = await one_time.find(db, kind, token)
    if link is None or link.used_at is not None or link.expires_at <= now():
        raise _refusal(link)
    return link


async def use_up(db: AsyncSession, kind: type[L], token: str) -> tuple[L, User]:
    """The link of `token`, for the first who asks, and its owner, whom the transaction holds. Raises LinkInvalid
    (LinkUsed, LinkExpired)."""
    found = await usable(db, kind, token)
    user = await users.lock(db, found.user_id)
    if user is None or not user.is_active:
        raise LinkInvalid
    link = await one_time.claim(db, kind, token, at=now())
    if link is None:
        await db.refresh(found)
        raise _refusal(found)
    return link, user


def _refusal(link: PasswordReset | MagicLink | None) -> LinkInvalid:
    """Why it cannot be used. It may be told: whoever has the token is who it was mailed to."""
    if link is None:
        return LinkInvalid()
    if link.used_at is not None:
        return LinkUsed("This link was used before.")
    return LinkExpired("This link has expired, or a newer one was asked for.")
