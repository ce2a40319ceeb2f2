"""Challenges of WebAuthn: 256 bits, good once, for five minutes and for what they were given for (SECURITY 8)."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_token, now
from sso import one_time
from sso.passkeys.models import PasskeyChallenge

GOOD_FOR = timedelta(minutes=5)
"""What WebAuthn Level 3 (section 15.1) recommends where the user is verified."""

Purpose = Literal["register", "login", "second-factor", "step-up"]


def issue(db: AsyncSession, purpose: Purpose, *, user_id: UUID | None = None) -> str:
    """A new challenge, in base64url; `user_id` is who alone may answer it, where that is known."""
    challenge, at = new_token(), now()
    db.add(
        PasskeyChallenge(
            sha256=one_time.sha256(challenge),
            created_at=at,
            expires_at=at + GOOD_FOR,
            user_id=user_id,
            purpose=purpose,
        )
    )
    return challenge


async def claim(db: AsyncSession, challenge: str, purpose: Purpose, *, user_id: UUID | None = None) -> bool:
    """Use `challenge` up, whatever becomes of it; whether it is good for `purpose` and was given to this user."""
    claimed = await one_time.claim(db, PasskeyChallenge, challenge, at=now())
    return claimed is not None and (claimed.purpose, claimed.user_id) == (purpose, user_id)
