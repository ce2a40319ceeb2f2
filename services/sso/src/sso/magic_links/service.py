"""Signing in by a mailed link. It proves that the e-mail address is theirs, which is one factor and never a second
(SECURITY 9), and works while the password is locked out."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from sso import mailed_links, one_time, outcomes
from sso.callers import Caller
from sso.challenges.service import Challenged
from sso.claims import service as claims
from sso.continuations import checked
from sso.magic_links.models import MagicLink
from sso.mailed_links import Letter, LinkInvalid
from sso.security_events import service as security_events
from sso.sessions.service import SignedIn
from sso.sign_ins import service as sign_ins

PAGE = "/auth/ui/magic"
LETTER = Letter("magic-link", PAGE, "magic_link.requested")


class Opened(msgspec.Struct, frozen=True):
    """What a link led to, and where the browser that asked for it wanted to go on to."""

    outcome: SignedIn | Challenged
    continue_to: str


async def request(
    database: Database, email: str, *, caller: Caller, public_url: str, continue_to: str | None = None
) -> None:
    """Mail a link to the owner of `email`, if it is an active account's. Nobody can tell (SECURITY 5)."""
    link = MagicLink(continue_to=continue_to)
    await mailed_links.request(database, link, LETTER, email, caller=caller, public_url=public_url)
    outcomes.count("magic_link", "requested")


async def destination(database: Database, token: str) -> str:
    """Where the link of `token` goes on to. Raises LinkInvalid (LinkUsed, LinkExpired) unless it still signs in."""
    async with database.read() as db:
        return checked((await mailed_links.usable(db, MagicLink, token)).continue_to)


async def confirm(database: Database, token: str, *, caller: Caller, public_url: str) -> Opened:
    """Sign in whoever the link was mailed to. Raises LinkInvalid (LinkUsed, LinkExpired), after that is on record."""
    try:
        async with database.write() as db:
            opened = await _open(db, token, caller=caller, public_url=public_url)
    except LinkInvalid:
        await _record_failure(database, token, caller=caller)
        raise
    is_challenged = isinstance(opened.outcome, Challenged)
    outcomes.count("magic_link", "challenged" if is_challenged else "succeeded")
    return opened


async def _open(db: AsyncSession, token: str, *, caller: Caller, public_url: str) -> Opened:
    link, user = await mailed_links.use_up(db, MagicLink, token)
    await claims.claim(db, user, caller=caller)
    outcome = await sign_ins.enter(db, user, amr=("email",), caller=caller, public_url=public_url)
    return Opened(outcome, checked(link.continue_to))


async def _record_failure(database: Database, token: str, *, caller: Caller) -> None:
    async with database.write() as db:
        link = await one_time.find(db, MagicLink, token)
        user_id = link.user_id if link is not None else None
        security_events.record(db, "login.failed", user_id=user_id, caller=caller, methods="email")
    outcomes.count("magic_link", "failed")
