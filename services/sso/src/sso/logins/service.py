"""Signing in with a password. Nothing but success tells anything: not the answer, not its time (SECURITY 5)."""

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.problems import Unauthorized
from sso.callers import Caller
from sso.challenges.service import Challenged
from sso.logins.models import LoginAttempt
from sso.logins.schemas import LoginRequest
from sso.passwords.hashing import Passwords
from sso.security_events import service as security_events
from sso.sessions.service import SignedIn
from sso.sign_ins import service as sign_ins
from sso.users import queries as users
from sso.users.emails import email_key
from sso.users.models import User


class InvalidCredentials(Unauthorized):
    code, title = "INVALID_CREDENTIALS", "The e-mail address or the password is wrong"


async def login(
    database: Database, passwords: Passwords, *, data: LoginRequest, caller: Caller, public_url: str
) -> SignedIn | Challenged:
    """A new session, or the question for the second factor. Raises InvalidCredentials, after the attempt is committed, if there is anything against it."""
    key = email_key(data.email)
    async with database.read() as db:
        found = await users.find_by_email(db, key)
    known = found.password_hash if found is not None else None
    is_right = await passwords.verify(data.password, known)
    is_outdated = is_right and known is not None and passwords.is_outdated(known)
    renewed = await passwords.hash(data.password) if is_outdated else None
    async with database.write() as db:
        # Read again: the account may have been suspended while the password was verified.
        user = await users.lock_by_email(db, key)
        may_enter = is_right and user is not None and user.is_active
        _note(db, user, key, caller, succeeded=may_enter)
        if user is None or not may_enter:
            outcome = None
        else:
            user.password_hash = renewed or user.password_hash
            outcome = await sign_ins.enter(db, user, amr=("pwd",), caller=caller, public_url=public_url)
    if outcome is None:
        raise InvalidCredentials
    return outcome


def _note(db: AsyncSession, user: User | None, key: str, caller: Caller, *, succeeded: bool) -> None:
    """The same rows for every outcome, so that they take the same time."""
    user_id = user.id if user is not None else None
    account_sha256 = hashlib.sha256(key.encode()).digest()
    db.add(LoginAttempt(user_id=user_id, account_sha256=account_sha256, ip=caller.ip, succeeded=succeeded))
    if not succeeded:
        security_events.record(db, "login.failed", user_id=user_id, caller=caller)
