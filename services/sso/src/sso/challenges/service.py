"""Sign-ins that wait for their second factor: a token of 256 bits, good for 10 minutes and 5 attempts (SECURITY 8)."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_token, now
from common.problems import Unauthorized
from sso import one_time
from sso.challenges import queries
from sso.challenges.models import LoginChallenge
from sso.users.models import User

GOOD_FOR = timedelta(minutes=10)
MOST_ATTEMPTS = 5


class ChallengeExpired(Unauthorized):
    code, title = "CHALLENGE_EXPIRED", "This took too long, or too many attempts; sign in again"


class Challenged(msgspec.Struct, frozen=True):
    """The first factor was right; one of `methods` has to follow, with `token` to say for which sign-in."""

    token: str
    methods: list[str]


def issue(db: AsyncSession, user: User, *, amr: Sequence[str], methods: list[str]) -> Challenged:
    """Ask `user`, whose first factor was `amr`, for one of `methods`."""
    token, at = new_token(), now()
    challenge = LoginChallenge(
        sha256=one_time.sha256(token),
        created_at=at,
        expires_at=at + GOOD_FOR,
        user_id=user.id,
        amr=list(amr),
    )
    db.add(challenge)
    return Challenged(token, methods)


async def find(db: AsyncSession, token: str) -> LoginChallenge | None:
    """The challenge of `token`; None if it cannot be answered any more."""
    return await queries.find(db, one_time.sha256(token), at=now(), most=MOST_ATTEMPTS)


async def attempt(db: AsyncSession, challenge: LoginChallenge) -> bool:
    """Count an attempt at `challenge`, before it is known how it ends; False if there are none left."""
    return await queries.count_attempt(db, challenge, at=now(), most=MOST_ATTEMPTS)


async def use(db: AsyncSession, challenge: LoginChallenge) -> None:
    """`challenge` was answered and cannot be again."""
    await queries.use(db, challenge, at=now())
