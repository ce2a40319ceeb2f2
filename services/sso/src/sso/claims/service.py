"""Claiming an account: anybody can register with an address that is not theirs, and wait until its owner comes.

The first to open a link that signs in or sets a password has the mailbox, so the account is theirs, and of what was set
up before nobody knows by whom. None of it may go on to let anybody in.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from sso import outcomes
from sso.callers import Caller
from sso.claims import queries
from sso.factors import queries as factors
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.users.models import User


async def claim(db: AsyncSession, user: User, *, caller: Caller) -> None:
    """The address of `user`, whom the transaction holds, is proven. If that is new, the password, every other way to
    sign in, second factors, consents, API keys and sessions end; nothing happens to an account that was verified."""
    if user.email_verified:
        return
    user.email_verified_at, user.password_hash = now(), None
    await factors.forget_all(db, user.id)
    await queries.forget_ways_in(db, user.id)
    await sessions.end_all(db, user.id, reason="claimed", caller=caller)
    security_events.record(db, "account.claimed", user_id=user.id, caller=caller)
    outcomes.count("claim", "succeeded")
