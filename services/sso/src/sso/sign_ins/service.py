"""What every way to sign in comes to once its first factor is proven: a session, or the question for a second factor.

A password, a mailed link, a passkey, an identity at another provider: each calls `enter`, so that none can forget the
second factor, the trail or the mail about a new device.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.ids import now
from common.jobs import enqueue
from common.schemas import rfc3339
from sso.callers import Caller
from sso.challenges import service as challenges
from sso.challenges.service import Challenged
from sso.factors import service as factors
from sso.security_events import service as security_events
from sso.sessions import agents
from sso.sessions import service as sessions
from sso.sessions.models import MFA
from sso.sessions.service import SignedIn
from sso.users.models import User


async def enter(
    db: AsyncSession, user: User, *, amr: Sequence[str], caller: Caller, public_url: str
) -> SignedIn | Challenged:
    """A session for `user`, who is active and was authenticated by `amr` (RFC 8176); or a challenge, where the account
    has a second factor and `amr` is not more than one."""
    if MFA not in amr and (methods := await factors.methods(db, user.id)):
        security_events.record(db, "login.challenged", user_id=user.id, caller=caller)
        return challenges.issue(db, user, amr=amr, methods=methods)
    return await complete(db, user, amr=amr, caller=caller, public_url=public_url)


async def complete(
    db: AsyncSession, user: User, *, amr: Sequence[str], caller: Caller, public_url: str
) -> SignedIn:
    """The session of a sign-in that lacks nothing any more."""
    is_new = await _is_new_device(db, user, caller)
    signed_in = await sessions.start(db, user, caller=caller, amr=amr)
    user.last_login_at = now()
    security_events.record(
        db,
        "login.succeeded",
        user_id=user.id,
        session_id=signed_in.session.id,
        caller=caller,
        methods=" ".join(amr),
    )
    if is_new:
        _tell_owner(db, signed_in, caller, public_url)
    return signed_in


async def _is_new_device(db: AsyncSession, user: User, caller: Caller) -> bool:
    """Whether nobody has signed in to this account with such a browser on such a system in the last 90 days."""
    device = agents.parse(caller.user_agent)
    known = await sessions.user_agents(db, user.id)
    return bool(known) and all(agents.parse(other) != device for other in known)


def _tell_owner(db: AsyncSession, signed_in: SignedIn, caller: Caller, public_url: str) -> None:
    user, session = signed_in.user, signed_in.session
    device = agents.parse(caller.user_agent)
    mail = EmailJob(
        template="new-device",
        to=user.email,
        locale=user.locale,
        data={
            "name": user.name,
            "device": f"{device.browser}, {device.os}",
            "ip": caller.ip,
            "at": rfc3339(session.created_at),
            "link": f"{public_url}/auth/ui/security",
        },
    )
    enqueue(db, mail, kind=EmailJob.KIND, user_id=user.id, unique_key=f"new-device.{session.id}")
