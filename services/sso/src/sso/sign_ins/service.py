"""What every way to sign in comes to once its first factor is proven: a session, or the question for a second factor.

A password, a mailed link, a passkey, an identity at another provider: each calls `enter`, so that none can forget the
second factor, the trail or the mail about a new device.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import now
from common.jobs import enqueue
from common.problems import Problem
from common.schemas import rfc3339
from sso.callers import Caller
from sso.challenges import service as challenges
from sso.challenges.service import Challenged, ChallengeExpired
from sso.factors import service as factors
from sso.factors.proofs import Proof, SecondFactors
from sso.outcomes import count
from sso.security_events import service as security_events
from sso.sessions import agents
from sso.sessions import service as sessions
from sso.sessions.models import MFA
from sso.sessions.service import SignedIn
from sso.users import queries as users
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


async def waiting(db: AsyncSession, token: str) -> list[str]:
    """The methods by which the sign-in that waits under `token` can go on. Raises ChallengeExpired."""
    challenge = await challenges.find(db, token)
    methods = await factors.methods(db, challenge.user_id) if challenge is not None else []
    if not methods:  # its last second factor may have been removed meanwhile
        raise ChallengeExpired
    return methods


async def finish(
    database: Database,
    second_factors: SecondFactors,
    *,
    token: str,
    proof: Proof,
    caller: Caller,
    public_url: str,
) -> SignedIn:
    """The session of the sign-in that waits under `token`, now that its second factor is shown. Raises InvalidCode,
    TooManyAttempts or ChallengeExpired, after the attempt is committed."""
    async with database.write() as db:
        outcome = await _answered(db, second_factors, token, proof, caller, public_url)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def _answered(
    db: AsyncSession, second_factors: SecondFactors, token: str, proof: Proof, caller: Caller, public_url: str
) -> SignedIn | Problem:
    challenge = await challenges.find(db, token)
    # Held before the attempt is counted, so that those at once go one after the other.
    user = await users.lock(db, challenge.user_id) if challenge is not None else None
    if challenge is None or user is None or not user.is_active or not await challenges.attempt(db, challenge):
        count("login_mfa", "expired")
        return ChallengeExpired()
    shown = await second_factors.prove(db, user, proof, caller=caller)
    if isinstance(shown, Problem):
        count("login_mfa", "refused")
        return shown
    await challenges.use(db, challenge)
    count("login_mfa", "succeeded")
    amr = dict.fromkeys([*challenge.amr, *shown, MFA])
    return await complete(db, user, amr=list(amr), caller=caller, public_url=public_url)


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
    mail = EmailJob(
        template="new-device",
        to=user.email,
        locale=user.locale,
        data={
            "name": user.name,
            "device": agents.described(caller.user_agent),
            "ip": caller.ip,
            "at": rfc3339(session.created_at),
            "link": f"{public_url}/auth/ui/security",
        },
    )
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"new-device.{session.id}",
    )
