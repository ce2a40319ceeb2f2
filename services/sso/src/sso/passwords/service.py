"""Changing a password (SECURITY 3), and what follows from every change."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id
from common.jobs import enqueue
from common.problems import FieldError, Problem
from sso import one_time, outcomes
from sso.callers import Caller
from sso.challenges.models import LoginChallenge
from sso.logins.attempts import PasswordAttempts
from sso.magic_links.models import MagicLink
from sso.password_resets.models import PasswordReset
from sso.passwords.acceptance import NewPasswords
from sso.passwords.policy import PasswordRefused, as_hashed
from sso.passwords.schemas import PasswordChange
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.users import service as users
from sso.users.models import User


class CurrentPasswordWrong(Problem):
    status, code, title = 403, "CURRENT_PASSWORD_WRONG", "The current password is wrong"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("$.currentPassword", self.title)])


async def change(
    database: Database,
    attempts: PasswordAttempts,
    new_passwords: NewPasswords,
    *,
    user_id: UUID,
    session_id: UUID,
    data: PasswordChange,
    caller: Caller,
    public_url: str,
) -> None:
    """Give the user a new password, and end their other sessions unless they are to stay. Raises PasswordRefused, or
    CurrentPasswordWrong, which counts as a failed sign-in."""
    async with database.read() as db:
        user = await users.me(db, user_id)
    # Before the attempt, which a refused new password would leave counted as a failure.
    await _check(new_passwords, user, data)
    async with attempts.on(user.email_key, caller=caller) as attempt:
        is_right = await attempt.verify(data.current_password)
        password_hash = await attempt.hash(data.new_password) if is_right else ""
        async with database.write() as db:
            changed = await attempt.settle(db, is_right=is_right, failure="password.change_failed")
            if changed is not None:
                await replace(
                    db, changed, password_hash, event="password.changed", caller=caller, public_url=public_url
                )
                if data.revoke_others:
                    await sessions.end_all(
                        db, changed.id, reason="password_changed", caller=caller, keep=session_id
                    )
    outcomes.count("password_change", "succeeded" if changed is not None else "failed")
    if changed is None:
        raise CurrentPasswordWrong


async def _check(new_passwords: NewPasswords, user: User, data: PasswordChange) -> None:
    if as_hashed(data.new_password) == as_hashed(data.current_password):
        raise PasswordRefused("unchanged", "This is the password of before.", field="newPassword")
    await new_passwords.check(data.new_password, email=user.email, name=user.name, field="newPassword")


async def replace(
    db: AsyncSession, user: User, password_hash: str, *, event: str, caller: Caller, public_url: str
) -> None:
    """Set the password of `user`, whom the transaction holds. Links that were mailed and sign-ins that wait for their
    second factor are void from now on, and the owner is told by mail."""
    user.password_hash = password_hash
    for kind in (PasswordReset, MagicLink, LoginChallenge):
        await one_time.withdraw(db, kind, user_id=user.id)
    security_events.record(db, event, user_id=user.id, caller=caller)
    mail = EmailJob(
        template="password-changed",
        to=user.email,
        locale=user.locale,
        data={"name": user.name, "link": f"{public_url}/auth/ui/reset"},
    )
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"password-changed.{new_id()}",
    )
