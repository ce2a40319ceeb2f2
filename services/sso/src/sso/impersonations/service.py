"""Staff who act in a user's place (SECURITY 28): with a reason, for an hour at most, by a token that says who they are.

The session is in the user's own list, marked, and they can end it. It has no refresh token, and not the scope
`platform`: nobody changes a password or a second factor in somebody else's name.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.contracts.users import Impersonation, ImpersonationStart
from common.ids import now
from common.jobs import enqueue
from common.problems import Problem
from common.schemas import rfc3339
from sso.callers import Caller
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.sessions.models import Session
from sso.sessions.service import Grant
from sso.tokens.access import AccessTokens
from sso.users import queries as users
from sso.users import service as accounts
from sso.users.models import User

SCOPE = "resumes:read resumes:write account:read account:write render:write"
SUPPORT_CLIENT = "support"


class ImpersonationRefused(Problem):
    status, code, title = 422, "IMPERSONATION_REFUSED", "Nobody may act in this account's place"


async def start(
    db: AsyncSession, user_id: UUID, *, data: ImpersonationStart, caller: Caller, public_url: str
) -> tuple[User, Session]:
    """A session of `data.staff_id` in the place of the user. Raises UserNotFound or ImpersonationRefused."""
    # Both held, so that neither loses a role or is suspended meanwhile; in one order, so that no two wait for each other.
    held = {id_: await users.lock(db, id_) for id_ in sorted({user_id, data.staff_id})}
    user, staff = held[user_id], held[data.staff_id]
    if user is None:
        raise accounts.UserNotFound
    if staff is None or not staff.is_active or not staff.roles:
        raise ImpersonationRefused("Only staff may do this.")
    if user.roles or not user.is_active:
        raise ImpersonationRefused("The account is one of staff, or it is not active.")
    session = await sessions.open_session(
        db,
        user,
        caller=caller,
        amr=(),
        grant=Grant(client_id=SUPPORT_CLIENT, scope=SCOPE),
        lasts=timedelta(minutes=data.minutes),
    )
    session.impersonator_id = staff.id
    _tell(db, user, session, data=data, caller=caller, public_url=public_url)
    return user, session


def _tell(
    db: AsyncSession,
    user: User,
    session: Session,
    *,
    data: ImpersonationStart,
    caller: Caller,
    public_url: str,
) -> None:
    security_events.record(
        db,
        "impersonation.started",
        user_id=user.id,
        session_id=session.id,
        caller=caller,
        staff=str(data.staff_id),
        reason=data.reason,
    )
    mail = EmailJob(
        template="support-access",
        to=user.email,
        locale=user.locale,
        data={
            "name": user.name,
            "reason": data.reason,
            "until": rfc3339(session.expires_at),
            "link": f"{public_url}/auth/ui/security",
        },
    )
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"support-access.{session.id}",
    )


async def token(access_tokens: AccessTokens, user: User, session: Session) -> Impersonation:
    """The one access token of the session: it lives as long as that."""
    left = int((session.expires_at - now()).total_seconds())
    return Impersonation(
        session_id=session.id,
        access_token=await access_tokens.for_session(user, session, ttl=left),
        expires_in=left,
        expires_at=session.expires_at,
    )
