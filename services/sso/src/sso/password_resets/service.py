"""Setting a password by a mailed link: one that was forgotten, or the first of an account that has none.

Whoever opens the link has proven that the e-mail address is theirs, and nothing else: they are not signed in, and the
second factor is asked for as ever (SECURITY 9). It works while the account is locked out, and ends that (SECURITY 6).
"""

from common.db import Database
from sso import mailed_links, outcomes
from sso.callers import Caller
from sso.claims import service as claims
from sso.lockouts import service as lockouts
from sso.mailed_links import Letter, LinkInvalid
from sso.password_resets.models import PasswordReset
from sso.passwords import service as passwords
from sso.passwords.acceptance import NewPasswords
from sso.sessions import service as sessions
from sso.users import queries as users
from sso.users.models import User

PAGE = "/auth/ui/reset"
LETTER = Letter("password-reset", PAGE, "password_reset.requested")


async def request(database: Database, email: str, *, caller: Caller, public_url: str) -> None:
    """Mail a link to the owner of `email`, if it is an active account's. Nobody can tell (SECURITY 5)."""
    await mailed_links.request(database, PasswordReset(), LETTER, email, caller=caller, public_url=public_url)
    outcomes.count("password_reset", "requested")


async def owner(database: Database, token: str) -> User:
    """Whose password `token` sets. Raises LinkInvalid (LinkUsed, LinkExpired) unless it still can."""
    async with database.read() as db:
        link = await mailed_links.usable(db, PasswordReset, token)
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
        _, held = await mailed_links.use_up(db, PasswordReset, token)
        await claims.claim(db, held, caller=caller)
        await passwords.replace(
            db, held, password_hash, event="password.reset", caller=caller, public_url=public_url
        )
        await sessions.end_all(db, held.id, reason="password_reset", caller=caller)
        await lockouts.clear(db, held.email_key)
    outcomes.count("password_reset", "succeeded")
