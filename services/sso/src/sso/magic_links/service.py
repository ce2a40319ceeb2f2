"""Signing in by a mailed link. It proves that the e-mail address is theirs, which is one factor and never a second
(SECURITY 9), and works while the password is locked out."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, now
from common.jobs import enqueue
from sso import mailed_links, one_time, outcomes
from sso.callers import Caller
from sso.challenges.service import Challenged
from sso.continuations import checked
from sso.even_time import even_time
from sso.magic_links.models import MagicLink
from sso.mailed_links import LinkInvalid
from sso.security_events import service as security_events
from sso.sessions.service import SignedIn
from sso.sign_ins import service as sign_ins
from sso.users import queries as users
from sso.users.emails import email_key

PAGE = "/auth/ui/magic"


class Opened(msgspec.Struct, frozen=True):
    """What a link led to, and where the browser that asked for it wanted to go on to."""

    outcome: SignedIn | Challenged
    continue_to: str


async def request(
    database: Database, email: str, *, caller: Caller, public_url: str, continue_to: str | None = None
) -> None:
    """Mail a link to the owner of `email`, if it is an active account's. Nobody can tell (SECURITY 5)."""
    async with even_time(), database.write() as db:
        user = await users.lock_by_email(db, email_key(email))
        user_id = user.id if user is not None else None
        security_events.record(db, "magic_link.requested", user_id=user_id, caller=caller)
        token = (
            await mailed_links.new(db, MagicLink, user, continue_to=continue_to)
            if user and user.is_active
            else None
        )
        if user is not None and token is not None:
            mail = EmailJob(
                template="magic-link",
                to=user.email,
                locale=user.locale,
                data={"name": user.name, "link": f"{public_url}{PAGE}?token={token}"},
            )
            enqueue(db, mail, kind=EmailJob.KIND, user_id=user.id, unique_key=f"magic-link.{new_id()}")
    outcomes.count("magic_link", "requested")


async def destination(database: Database, token: str) -> str:
    """Where the link of `token` goes on to. Raises LinkInvalid (LinkUsed, LinkExpired) unless it still signs in."""
    async with database.read() as db:
        link = await one_time.find(db, MagicLink, token)
        if link is None or link.used_at is not None or link.expires_at <= now():
            raise await mailed_links.refusal(db, MagicLink, token)
    return checked(link.continue_to)


async def confirm(database: Database, token: str, *, caller: Caller, public_url: str) -> Opened:
    """Sign in whoever the link was mailed to. Raises LinkInvalid (LinkUsed, LinkExpired), after that is on record."""
    async with database.write() as db:
        opened = await _open(db, token, caller=caller, public_url=public_url)
        if isinstance(opened, LinkInvalid):
            link = await one_time.find(db, MagicLink, token)
            user_id = link.user_id if link is not None else None
            security_events.record(db, "login.failed", user_id=user_id, caller=caller, methods="email")
    if isinstance(opened, LinkInvalid):
        outcomes.count("magic_link", "failed")
        raise opened
    outcomes.count("magic_link", "succeeded")
    return opened


async def _open(db: AsyncSession, token: str, *, caller: Caller, public_url: str) -> Opened | LinkInvalid:
    link = await one_time.claim(db, MagicLink, token, at=now())
    if link is None:
        return await mailed_links.refusal(db, MagicLink, token)
    user = await users.lock(db, link.user_id)
    if user is None or not user.is_active:
        return LinkInvalid()
    user.email_verified_at = user.email_verified_at or now()
    outcome = await sign_ins.enter(db, user, amr=("email",), caller=caller, public_url=public_url)
    return Opened(outcome, checked(link.continue_to))
