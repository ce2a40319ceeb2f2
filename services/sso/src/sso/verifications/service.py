"""Verifying an e-mail address: a link of 256 bits, good once and for 24 hours, stored as a hash (SECURITY 8)."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.ids import new_id, new_token, now
from common.jobs import enqueue
from common.problems import Problem
from sso import one_time
from sso.callers import Caller
from sso.security_events import service as security_events
from sso.users import queries as users
from sso.users.emails import email_key
from sso.users.models import User
from sso.verifications import queries
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
    enqueue(db, mail, kind=EmailJob.KIND, user_id=user.id, unique_key=f"verify-email.{verification.id}")


async def verify(db: AsyncSession, token: str, *, caller: Caller) -> None:
    """The address is its owner's. Raises VerificationInvalid."""
    at = now()
    claimed = await one_time.claim(db, EmailVerification, token, at=at)
    if claimed is None:
        raise await _refusal(db, token)
    if not await queries.mark_verified(db, claimed.user_id, claimed.email_key, at=at):
        raise VerificationInvalid
    security_events.record(db, "email.verified", user_id=claimed.user_id, caller=caller)


async def _refusal(db: AsyncSession, token: str) -> VerificationInvalid:
    """Why the link cannot be used. It may be told: whoever has the token is who it was mailed to."""
    verification = await one_time.find(db, EmailVerification, token)
    if verification is None:
        return VerificationInvalid()
    if verification.used_at is not None:
        return VerificationUsed("This link was used before.")
    return VerificationExpired("This link has expired.")


async def resend(db: AsyncSession, email: str, *, public_url: str, caller: Caller) -> None:
    """Mail another link where one is wanted. Every address is written down, so that all take the same time."""
    user = await users.find_by_email(db, email_key(email))
    user_id = user.id if user is not None else None
    security_events.record(db, "verification.requested", user_id=user_id, caller=caller)
    if user is not None and user.is_active and not user.email_verified:
        request(db, user, public_url=public_url)
