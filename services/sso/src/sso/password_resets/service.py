"""Setting a password by a mailed link: one that was forgotten, or the first of an account that has none.

Whoever opens the link has proven that the e-mail address is theirs, and nothing else: they are not signed in, and the
second factor is asked for as ever (SECURITY 9). It works while the account is locked out, and ends that (SECURITY 6).
"""

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, now
from common.jobs import enqueue
from sso import mailed_links, one_time, outcomes
from sso.callers import Caller
from sso.even_time import even_time
from sso.lockouts import service as lockouts
from sso.mailed_links import LinkInvalid
from sso.password_resets.models import PasswordReset
from sso.passwords import service as passwords
from sso.passwords.acceptance import NewPasswords
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.users import queries as users
from sso.users.emails import email_key
from sso.users.models import User

PAGE = "/auth/ui/reset"


async def request(database: Database, email: str, *, caller: Caller, public_url: str) -> None:
    """Mail a link to the owner of `email`, if it is an active account's. Nobody can tell (SECURITY 5)."""
    async with even_time(), database.write() as db:
        user = await users.lock_by_email(db, email_key(email))
        user_id = user.id if user is not None else None
        security_events.record(db, "password_reset.requested", user_id=user_id, caller=caller)
        token = await mailed_links.new(db, PasswordReset, user) if user and user.is_active else None
        if user is not None and token is not None:
            mail = EmailJob(
                template="password-reset",
                to=user.email,
                locale=user.locale,
                data={"name": user.name, "link": f"{public_url}{PAGE}?token={token}"},
            )
            enqueue(db, mail, kind=EmailJob.KIND, user_id=user.id, unique_key=f"password-reset.{new_id()}")
    outcomes.count("password_reset", "requested")


async def owner(database: Database, token: str) -> User:
    """Whose password `token` sets. Raises LinkInvalid (LinkUsed, LinkExpired) unless it still can."""
    async with database.read() as db:
        link = await one_time.find(db, PasswordReset, token)
        if link is None or link.used_at is not None or link.expires_at <= now():
            raise await mailed_links.refusal(db, PasswordReset, token)
        user = await users.find(db, link.user_id)
    if user is None or not user.is_active:
        raise LinkInvalid
    return user


async def confirm(
    database: Database,
    new_passwords: NewPasswords,
    *,
    token: str,
    password: str,
    caller: Caller,
    public_url: str,
) -> None:
    """Set the password and end every session everywhere (SECURITY 13). Raises LinkInvalid; or PasswordRefused, after
    which the link is still good."""
    user = await owner(database, token)
    password_hash = await new_passwords.accept(password, email=user.email, name=user.name)
    async with database.write() as db:
        held = await users.lock(db, user.id)
        if held is None or not held.is_active:
            raise LinkInvalid
        if await one_time.claim(db, PasswordReset, token, at=now()) is None:
            raise await mailed_links.refusal(db, PasswordReset, token)
        held.email_verified_at = held.email_verified_at or now()
        await passwords.replace(
            db, held, password_hash, event="password.reset", caller=caller, public_url=public_url
        )
        await sessions.end_all(db, held.id, reason="password_reset", caller=caller)
        await lockouts.clear(db, held.email_key)
    outcomes.count("password_reset", "succeeded")
