"""What is deleted when an account is claimed."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from sso.challenges.models import LoginChallenge
from sso.consents.models import Consent
from sso.identities.models import Identity


async def forget_ways_in(db: AsyncSession, user_id: UUID) -> None:
    """Delete the user's identities elsewhere, what apps were let do, and the sign-ins that wait for a second factor."""
    for kind in (Identity, Consent, LoginChallenge):
        await db.execute(delete(kind).where(kind.user_id == user_id))
