"""Signing in with a password. Nothing but success tells anything: not the answer, not its time (SECURITY 5)."""

from common.db import Database
from common.problems import Unauthorized
from sso import outcomes
from sso.callers import Caller
from sso.challenges.service import Challenged
from sso.logins.attempts import Attempt, PasswordAttempts
from sso.logins.schemas import LoginRequest
from sso.sessions.service import SignedIn
from sso.sign_ins import service as sign_ins
from sso.users.emails import email_key


class InvalidCredentials(Unauthorized):
    code, title = "INVALID_CREDENTIALS", "The e-mail address or the password is wrong"


async def login(
    database: Database,
    attempts: PasswordAttempts,
    *,
    data: LoginRequest,
    caller: Caller,
    public_url: str,
) -> SignedIn | Challenged:
    """A new session, or the question for the second factor. Raises InvalidCredentials, after the attempt is committed,
    if there is anything against it."""
    async with attempts.on(email_key(data.email), caller=caller) as attempt:
        is_right = await attempt.verify(data.password)
        renewed = await attempt.renewed(data.password) if is_right else None
        async with database.write() as db:
            user = await attempt.settle(db, is_right=is_right, failure="login.failed")
            if user is None:
                outcome = None
            else:
                user.password_hash = renewed or user.password_hash
                outcome = await sign_ins.enter(db, user, amr=("pwd",), caller=caller, public_url=public_url)
    outcomes.count("login", _word(outcome, attempt))
    if outcome is None:
        raise InvalidCredentials
    return outcome


def _word(outcome: SignedIn | Challenged | None, attempt: Attempt) -> str:
    if outcome is not None:
        return "challenged" if isinstance(outcome, Challenged) else "succeeded"
    return "turned_away" if attempt.is_turned_away else "failed"
