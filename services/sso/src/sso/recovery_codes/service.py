"""New recovery codes for whoever has lost theirs or used them up."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from sso.callers import Caller
from sso.factors import mails
from sso.factors import service as factors
from sso.factors.secrets import FactorSecrets
from sso.outcomes import count
from sso.recovery_codes import codebook
from sso.security_events import service as security_events


class NoSecondFactor(Problem):
    status, code, title = 409, "NO_SECOND_FACTOR", "Set up an authenticator app or a passkey first"


async def renew(
    db: AsyncSession, user_id: UUID, *, secrets: FactorSecrets, caller: Caller, public_url: str
) -> list[str]:
    """New codes; those of before are void. Raises NoSecondFactor where there is nothing that they could stand in for."""
    user = await factors.owner(db, user_id)
    if not await factors.methods(db, user_id):
        raise NoSecondFactor
    made = await codebook.renew(db, user_id, secrets)
    security_events.record(db, "mfa.recovery_codes_renewed", user_id=user_id, caller=caller)
    count("recovery_codes", "renewed")
    mails.tell_added(db, user, "recovery-codes", public_url=public_url)
    return made


async def left(db: AsyncSession, user_id: UUID) -> int:
    return await codebook.left(db, user_id)
