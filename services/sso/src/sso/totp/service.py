"""Authenticator apps (TOTP, RFC 6238): setting one up, taking it away, and whether a code is right."""

from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.ids import now
from common.problems import NotFound, Problem
from sso.callers import Caller
from sso.factors import service as factors
from sso.factors.problems import InvalidCode
from sso.factors.secrets import FactorSecrets
from sso.outcomes import count
from sso.security_events import service as security_events
from sso.totp import codes, queries
from sso.totp.models import TotpSecret, TotpSetup
from sso.users.models import User

SETUP_GOOD_FOR = timedelta(minutes=30)
"""Long enough to find an app and install it."""
MOST_ATTEMPTS = 5


class TotpNotSetUp(NotFound):
    code, title = "TOTP_NOT_SET_UP", "There is no authenticator app on this account"


class TotpSetupExpired(Problem):
    status, code, title = 409, "TOTP_SETUP_EXPIRED", "Nothing waits to be confirmed; set the app up again"


class Setup(msgspec.Struct, frozen=True):
    """A new secret in the forms that apps take it in; `qr` is an SVG."""

    secret: str
    uri: str
    qr: str


async def set_up(db: AsyncSession, user_id: UUID, *, secrets: FactorSecrets) -> Setup:
    """A secret to be confirmed, in the place of another that was not. One that is in use stays so meanwhile."""
    user = await factors.owner(db, user_id)
    secret = codes.new_secret()
    await queries.forget_setup(db, user.id)
    setup = TotpSetup(
        user_id=user.id,
        sealed_secret=secrets.seal_totp(secret, user_id=user.id),
        expires_at=now() + SETUP_GOOD_FOR,
    )
    db.add(setup)
    await db.flush()
    uri = codes.uri(secret, account=user.email)
    return Setup(secret, uri, codes.qr(uri))


async def waiting(db: AsyncSession, user: User, *, secrets: FactorSecrets) -> Setup | None:
    """The secret that `user` has to confirm, if there is one."""
    setup = await queries.waiting(db, user.id, at=now(), most=MOST_ATTEMPTS)
    if setup is None:
        return None
    secret = secrets.open_totp(setup.sealed_secret, user_id=user.id)
    uri = codes.uri(secret, account=user.email)
    return Setup(secret, uri, codes.qr(uri))


async def confirm(
    database: Database,
    user_id: UUID,
    code: str,
    *,
    secrets: FactorSecrets,
    caller: Caller,
    public_url: str,
) -> list[str]:
    """The secret that was set up counts from now on. The recovery codes that came with it, if there were none.

    Raises InvalidCode, after the attempt is committed, or TotpSetupExpired.
    """
    async with database.write() as db:
        user = await factors.owner(db, user_id)
        setup = await queries.count_attempt(db, user_id, at=now(), most=MOST_ATTEMPTS)
        if setup is None:
            raise TotpSetupExpired
        secret = secrets.open_totp(setup.sealed_secret, user_id=user_id)
        step = codes.matching_step(secret, code, at=now())
        if step is None:
            security_events.record(db, "mfa.failed", user_id=user_id, caller=caller, factor="totp")
            recovery_codes = None
        else:
            await _activate(db, setup, step)
            recovery_codes = await factors.added(
                db, user, "totp", secrets=secrets, caller=caller, public_url=public_url
            )
    count("totp_setup", "wrong" if recovery_codes is None else "confirmed")
    if recovery_codes is None:
        raise InvalidCode
    return recovery_codes


async def _activate(db: AsyncSession, setup: TotpSetup, step: int) -> None:
    await queries.forget(db, setup.user_id)
    await queries.forget_setup(db, setup.user_id)
    db.add(TotpSecret(user_id=setup.user_id, sealed_secret=setup.sealed_secret, last_step=step))
    await db.flush()


async def remove(db: AsyncSession, user_id: UUID, *, caller: Caller, public_url: str) -> None:
    """Raises TotpNotSetUp."""
    user = await factors.owner(db, user_id)
    await queries.forget_setup(db, user_id)
    if not await queries.forget(db, user_id):
        raise TotpNotSetUp
    await factors.removed(db, user, "totp", caller=caller, public_url=public_url)


async def use(db: AsyncSession, user_id: UUID, code: str, *, secrets: FactorSecrets) -> bool:
    """Whether `code` is right, for the first time."""
    known = await queries.find(db, user_id)
    if known is None:
        return False
    secret = secrets.open_totp(known.sealed_secret, user_id=user_id)
    step = codes.matching_step(secret, code, at=now())
    return step is not None and await queries.claim_step(db, user_id, step)
