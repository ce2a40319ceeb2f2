"""Verifying an e-mail address: a link of 256 bits, good once and for 24 hours, stored as a hash (SECURITY 8)."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, new_token, now
from common.jobs import enqueue
from common.problems import Problem
from sso import mailed_links, one_time
from sso.callers import Caller
from sso.even_time import even_time
from sso.security_events import service as security_events
from sso.users import queries as users
from sso.users.emails import email_key
from sso.users.models import User
from sso.verifications.models import EmailVerification

GOOD_FOR = timedelta(hours=24)


class VerificationInvalid(Problem):
    status, code, title = 400, "TOKEN_INVALID", "This link is not valid, or was used before"


class VerificationUsed(VerificationInvalid):
    """To callers the same, but for the detail."""


class VerificationExpired(VerificationInvalid):
    """To callers the same, but for the detail."""


def request(db: AsyncSession, user: User, *, public_url: str) -> None:
    """Mail a new link to `user`, made of the configured address and never of a request's Host."""
    token, at = new_token(), now()
    verification = EmailVerification(
        id=new_id(),
        user_id=user.id,
        email_key=user.email_key,
        sha256=one_time.sha256(token),
        created_at=at,
        expires_at=at + GOOD_FOR,
    )
    db.add(verification)
    link = f"{public_url}/auth/ui/verify?token={token}"
    mail = EmailJob(
        template="verify-email",
        to=user.email,
        locale=user.locale,
        data={"name": user.name, "link": link, "token": token},
    )
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"verify-email.{verification.id}",
    )


async def verify(db: AsyncSession, token: str, *, caller: Caller) -> None:
    """The address is its owner's, and the account stays as it is: whoever opens the link may well be who registered.
    Raises VerificationInvalid (VerificationUsed, VerificationExpired)."""
    found = await one_time.find(db, EmailVerification, token)
    if found is None:
        raise VerificationInvalid
    # Held before the link, as wherever links are voided. The time is read after, for this one may be while we wait.
    user, at = await users.lock(db, found.user_id), now()
    if await one_time.claim(db, EmailVerification, token, at=at) is None:
        await db.refresh(found)
        raise _refusal(found)
    if user is None or user.email_key != found.email_key:
        raise VerificationInvalid
    user.email_verified_at = user.email_verified_at or at
    security_events.record(db, "email.verified", user_id=user.id, caller=caller)


def _refusal(verification: EmailVerification) -> VerificationInvalid:
    """Why the link cannot be used. It may be told: whoever has the token is who it was mailed to."""
    if verification.used_at is not None:
        return VerificationUsed("This link was used before.")
    return VerificationExpired("This link has expired, or a newer one was asked for.")


async def resend(database: Database, email: str, *, public_url: str, caller: Caller) -> None:
    """Mail another link where one is wanted, in place of those of before. Nobody can tell (SECURITY 5), and no mailbox
    is flooded (`sso.mailed_links`)."""
    async with even_time(), database.write() as db:
        user = await users.lock_by_email(db, email_key(email))
        user_id = user.id if user is not None else None
        security_events.record(db, "verification.requested", user_id=user_id, caller=caller)
        if user is not None and await _wants_another(db, user):
            await mailed_links.void(db, EmailVerification, user.id, at=now())
            request(db, user, public_url=public_url)


async def _wants_another(db: AsyncSession, user: User) -> bool:
    if not user.is_active or user.email_verified:
        return False
    return not await mailed_links.has_its_share(db, EmailVerification, user.id)
