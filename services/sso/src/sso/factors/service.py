"""The second factors of an account: which there are, and whether a sign-in has to show one."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sso.factors import queries

TOTP, RECOVERY_CODE, PASSKEY = "totp", "recovery_code", "passkey"


async def methods(db: AsyncSession, user_id: UUID) -> list[str]:
    """The ways by which the user can show a second factor, the preferred one first; none where none is set up.

    Recovery codes stand in for the other two and are no factor by themselves.
    """
    found = []
    if await queries.has_totp(db, user_id):
        found.append(TOTP)
    if await queries.has_passkey(db, user_id):
        found.append(PASSKEY)
    if found and await queries.has_recovery_code(db, user_id):
        found.append(RECOVERY_CODE)
    return found
