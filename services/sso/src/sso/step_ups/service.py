"""Step-up (RFC 9470): somebody who is signed in shows once more who they are, before something sensitive.

With a second factor on the account that has to be it; else the password will do. The session goes on with new tokens
that say when and how (SECURITY 10).
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.db import Database
from common.problems import Problem, Unauthorized
from common.step_up import StepUpRequired, is_satisfied, require_recent
from common.tokens import Principal
from sso.callers import Caller
from sso.factors import service as factors
from sso.factors.proofs import Proof, SecondFactors
from sso.logins.attempts import PasswordAttempts
from sso.logins.service import InvalidCredentials
from sso.outcomes import count
from sso.sessions import queries as session_queries
from sso.sessions import service as sessions
from sso.sessions.models import MFA, Session
from sso.sessions.service import SignedIn
from sso.users import queries as users
from sso.users import service as accounts
from sso.users.models import User

Missing = Literal["password", "second-factor", "sign-in", "set-up"]
"""What somebody has to do: confirm with the password, confirm with a second factor, sign in again (there is no password
to confirm with), or set a second factor up."""


async def missing(
    db: AsyncSession,
    user: User,
    session: Session,
    *,
    max_age: float | None = None,
    acr_values: Sequence[str] = (),
) -> Missing | None:
    """What a browser's session lacks: an authentication no more than `max_age` seconds ago, and as sure as one of
    `acr_values` (OpenID Connect Core section 3.1.2.1). None if it lacks nothing."""
    wanted = MULTI_FACTOR if _only_multi_factor_will_do(acr_values) else SINGLE_FACTOR
    if _is_satisfied(session, wanted=wanted, max_age=max_age):
        return None
    if await factors.methods(db, user.id):
        return "second-factor"
    if wanted == MULTI_FACTOR:
        return "set-up"
    return "password" if user.password_hash is not None else "sign-in"


def _only_multi_factor_will_do(acr_values: Sequence[str]) -> bool:
    return MULTI_FACTOR in acr_values and SINGLE_FACTOR not in acr_values


async def missing_for_change(
    db: AsyncSession, user: User, session: Session, *, max_age: float
) -> Missing | None:
    """What a browser's session lacks to change something sensitive on our pages: the same as `require` asks of a
    token."""
    wanted = await _acr_for_change(db, user.id)
    return await missing(db, user, session, max_age=max_age, acr_values=[wanted])


async def require(db: AsyncSession, principal: Principal, *, max_age: int) -> None:
    """Raise StepUpRequired unless `principal` may change something sensitive: authenticated no more than `max_age`
    seconds ago, and with the second factor if the account has one."""
    require_recent(principal, max_age=max_age, acr=await _acr_for_change(db, principal.id))


async def _acr_for_change(db: AsyncSession, user_id: UUID) -> str:
    return MULTI_FACTOR if await factors.methods(db, user_id) else SINGLE_FACTOR


def _is_satisfied(session: Session, *, wanted: str, max_age: float | None) -> bool:
    at = session.authenticated_at.timestamp()
    return is_satisfied(acr=session.acr, authenticated_at=at, wanted=wanted, max_age=max_age)


async def by_password(
    database: Database,
    attempts: PasswordAttempts,
    password: str,
    *,
    user_id: UUID,
    session_id: UUID,
    caller: Caller,
    max_age: int,
) -> SignedIn:
    """The session, renewed. Raises InvalidCredentials, after the attempt is committed; StepUpRequired if the account has
    a second factor, which the password does not stand in for."""
    async with database.read() as db:
        user = await accounts.me(db, user_id)
        if await factors.methods(db, user_id):
            raise StepUpRequired(max_age=max_age, acr=MULTI_FACTOR, detail="Confirm with your second factor.")
    async with attempts.on(user.email_key, caller=caller) as attempt:
        is_right = await attempt.verify(password)
        async with database.write() as db:
            settled = await attempt.settle(db, is_right=is_right, failure="step_up.failed")
            outcome = await _renewed(db, settled, session_id, ["pwd"], caller) if settled else None
    count("step_up", "failed" if outcome is None else "succeeded")
    if outcome is None:
        raise InvalidCredentials
    return outcome


async def by_second_factor(
    database: Database,
    second_factors: SecondFactors,
    proof: Proof,
    *,
    user_id: UUID,
    session_id: UUID,
    caller: Caller,
) -> SignedIn:
    """The session, renewed. Raises InvalidCode or TooManyAttempts, after the attempt is committed."""
    async with database.write() as db:
        user = await users.lock(db, user_id)
        session = await session_queries.find_live(db, session_id, user_id=user_id)
        if user is None or not user.is_active or session is None:
            raise Unauthorized
        shown = await second_factors.prove(db, user, proof, caller=caller, session_id=session_id)
        if isinstance(shown, Problem):
            outcome: SignedIn | Problem = shown
        else:
            amr = dict.fromkeys([*(known for known in session.amr if known != MFA), *shown, MFA])
            outcome = await sessions.renew(db, user, session, amr=list(amr), caller=caller)
    count("step_up", "failed" if isinstance(outcome, Problem) else "succeeded")
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def _renewed(
    db: AsyncSession, user: User, session_id: UUID, amr: list[str], caller: Caller
) -> SignedIn:
    session = await session_queries.find_live(db, session_id, user_id=user.id)
    if session is None:
        raise Unauthorized
    return await sessions.renew(db, user, session, amr=amr, caller=caller)
