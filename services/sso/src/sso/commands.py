"""`seed` and `rotate-keys`: what an operator runs beside the service, on the same database."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from common.db import Database
from common.ids import new_token, now
from common.sealing import MasterKey
from sso.callers import Caller
from sso.claims import service as claims
from sso.factors import service as factors
from sso.keys import service as keys
from sso.keys.models import SigningKey
from sso.keys.vault import Vault
from sso.passwords.hashing import Passwords
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.settings import Settings
from sso.users import queries
from sso.users import service as users
from sso.users.emails import email_key
from sso.users.models import ACTIVE, User

T = TypeVar("T")

SUPERADMIN = "superadmin"
_OPERATOR = Caller(ip="", user_agent="operator")


def seed(settings: Settings) -> None:
    """Make the first staff account and show its password, this once; with `--reset` give it a new one, and take
    its second factors away."""
    email, reset = settings.staff_email, "--reset" in sys.argv
    password = _with_database(settings, lambda database: _seed(database, settings, reset=reset))
    if password is None:
        _say(f"The staff account {email} exists; `seed --reset` (make seed RESET=1) gives it a new password.")
    else:
        _say(f"Staff account: {email}\nPassword (shown this once): {password}")


async def _seed(database: Database, settings: Settings, *, reset: bool) -> str | None:
    """The new password; None if the account was there and stays as it is."""
    password, passwords = new_token(15), Passwords(settings)
    password_hash = await passwords.hash(password)
    await passwords.close()
    async with database.write() as db:
        user = await queries.lock_by_email(db, email_key(settings.staff_email))
        if user is not None and not reset:
            return None
        if user is None:
            user = await users.create(
                db, email=settings.staff_email, name="Administrator", locale="en", password_hash=password_hash
            )
        else:  # by somebody else, for all that is known, as long as nobody has shown that the address is theirs
            await claims.claim(db, user, caller=_OPERATOR)
        _make_staff(user, password_hash)
        security_events.record(db, "user.seeded", user_id=user.id, caller=_OPERATOR)
        await factors.reset(db, user.id, caller=_OPERATOR)
        await sessions.end_all(db, user.id, reason="password_reset", caller=_OPERATOR)
    return password


def _make_staff(user: User, password_hash: str) -> None:
    user.password_hash, user.status = password_hash, ACTIVE
    user.email_verified_at = user.email_verified_at or now()
    user.roles = sorted({*user.roles, SUPERADMIN})


def rotate_keys(settings: Settings) -> None:
    """Let the next signing key take over, in place: tokens that the old one signed stay good until they expire."""
    vault = Vault(MasterKey(settings.key_encryption_key))
    key = _with_database(settings, lambda database: _rotate(database, vault))
    _say(f"The key {key.kid} signs from {key.active_from:%Y-%m-%d %H:%M:%S} UTC on.")


async def _rotate(database: Database, vault: Vault) -> SigningKey:
    await keys.ensure(database, vault, at=now())
    return await keys.rotate(database, vault, at=now())


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database(settings.database_url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
