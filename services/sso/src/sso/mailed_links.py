"""Links that anyone who knows an address can have mailed to it: to set a password, to sign in (SECURITY 8).

The newest of a kind is the only good one, once and for 10 minutes. Nobody's mailbox is flooded: an account gets at
most MOST of them in WINDOW, and who asks for more is not told.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_id, new_token, now
from common.problems import Problem
from sso import one_time
from sso.magic_links.models import MagicLink
from sso.password_resets.models import PasswordReset
from sso.users.models import User

GOOD_FOR = timedelta(minutes=10)
MOST, WINDOW = 3, timedelta(minutes=15)
Kind = type[PasswordReset] | type[MagicLink]


class LinkInvalid(Problem):
    status, code, title = 400, "TOKEN_INVALID", "This link is not valid, or was used before"


class LinkUsed(LinkInvalid):
    """To callers the same, but for the detail."""


class LinkExpired(LinkInvalid):
    """To callers the same, but for the detail."""


async def new(db: AsyncSession, kind: Kind, user: User, **columns: str | None) -> str | None:
    """The token of a new link, which voids older ones of its `kind`; None where the account got its share of mails.

    `user` is held by this transaction, so that requests at once are counted one after the other.
    """
    at = now()
    if await _sent_since(db, user.id, at - WINDOW) >= MOST:
        return None
    await _void(db, kind, user.id, at=at)
    token = new_token()
    link = kind(
        id=new_id(),
        user_id=user.id,
        sha256=one_time.sha256(token),
        created_at=at,
        expires_at=at + GOOD_FOR,
        **columns,
    )
    db.add(link)
    return token


async def _sent_since(db: AsyncSession, user_id: UUID, since: datetime) -> int:
    sent = 0
    for kind in (PasswordReset, MagicLink):
        counted = select(func.count()).where(kind.user_id == user_id, kind.created_at > since)
        sent += await db.scalar(counted) or 0
    return sent


async def _void(db: AsyncSession, kind: Kind, user_id: UUID, *, at: datetime) -> None:
    """Let older links expire. Their rows stay, because they are what the mails are counted by."""
    await db.execute(
        update(kind)
        .where(kind.user_id == user_id, kind.used_at.is_(None), kind.expires_at > at)
        .values(expires_at=at)
        .execution_options(synchronize_session=False)
    )


async def refusal(db: AsyncSession, kind: Kind, token: str) -> LinkInvalid:
    """Why `token` cannot be used. It may be told: whoever has it is who it was mailed to."""
    link = await one_time.find(db, kind, token)
    if link is None:
        return LinkInvalid()
    return (
        LinkUsed("This link was used before.")
        if link.used_at is not None
        else LinkExpired("This link has expired, or a newer one was asked for.")
    )
