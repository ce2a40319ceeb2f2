"""The second factors of an account: which there are, and what follows when one is added or removed."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Unauthorized
from sso.callers import Caller
from sso.factors import mails, queries
from sso.factors.mails import Factor
from sso.factors.schemas import MfaRead
from sso.factors.secrets import FactorSecrets
from sso.outcomes import count
from sso.recovery_codes import codebook
from sso.security_events import service as security_events
from sso.totp import queries as totp
from sso.users import queries as users
from sso.users.models import User

TOTP, RECOVERY_CODE, PASSKEY = "totp", "recovery_code", "passkey"


async def methods(db: AsyncSession, user_id: UUID) -> list[str]:
    """The ways by which the user can show a second factor, the preferred one first; none where none is set up.

    Recovery codes stand in for the other two and are no factor by themselves.
    """
    return (await overview(db, user_id)).methods


async def overview(db: AsyncSession, user_id: UUID) -> MfaRead:
    has_totp, passkeys = await totp.is_set_up(db, user_id), await queries.count_passkeys(db, user_id)
    left = await codebook.left(db, user_id)
    found = [TOTP] * has_totp + [PASSKEY] * bool(passkeys)
    if found and left:
        found.append(RECOVERY_CODE)
    return MfaRead(totp=has_totp, passkeys=passkeys, recovery_codes_left=left, methods=found)


async def owner(db: AsyncSession, user_id: UUID) -> User:
    """The caller's own account, held until the transaction ends, so that changes come one after the other. Raises
    Unauthorized if it is there no more."""
    user = await users.lock(db, user_id)
    if user is None or not user.is_active:
        raise Unauthorized
    return user


async def added(
    db: AsyncSession, user: User, factor: Factor, *, secrets: FactorSecrets, caller: Caller, public_url: str
) -> list[str]:
    """What follows when `user` has set up `factor`: the trail, a mail; and recovery codes, to be shown this once, if
    there are none."""
    security_events.record(db, "mfa.enabled", user_id=user.id, caller=caller, factor=factor)
    count("second_factor", "enabled")
    mails.tell_added(db, user, factor, public_url=public_url)
    if await codebook.left(db, user.id):
        return []
    return await codebook.renew(db, user.id, secrets)


async def removed(db: AsyncSession, user: User, factor: Factor, *, caller: Caller, public_url: str) -> None:
    """What follows when `factor` was removed: the trail, a mail; and with the last one the recovery codes go."""
    security_events.record(db, "mfa.disabled", user_id=user.id, caller=caller, factor=factor)
    count("second_factor", "disabled")
    mails.tell_removed(db, user, factor, public_url=public_url)
    if not await methods(db, user.id):
        await codebook.forget(db, user.id)


async def reset(db: AsyncSession, user_id: UUID, *, caller: Caller) -> None:
    """Take every second factor away from somebody who has lost them: for whoever runs the platform, at its machine."""
    if await methods(db, user_id):
        security_events.record(db, "mfa.reset", user_id=user_id, caller=caller)
    await queries.forget_all(db, user_id)
