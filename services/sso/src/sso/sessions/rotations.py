"""Rotating refresh tokens: any number of them in one transaction, by the same few statements as one.

A token is used up by a conditional UPDATE, so that of any number of requests and replicas that show it at once one makes
its successor. An answer can be lost, though: shown again within REPLAY_WINDOW, it gets the same successor once more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_id, now
from sso.sessions import queries
from sso.sessions.models import PLATFORM_CLIENT, Session
from sso.sessions.queries import Family, NewToken, Use
from sso.sessions.successors import Successors, new_salt, sha256
from sso.users.models import User

IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
REPLAY_WINDOW = timedelta(seconds=10)


class Shown(msgspec.Struct, frozen=True):
    """A refresh token, and the client that shows it."""

    refresh_token: str
    client_id: str = PLATFORM_CLIENT


class SignedIn(msgspec.Struct, frozen=True):
    """A session that may have an access token, and the refresh token that keeps it going."""

    user: User
    session: Session
    refresh_token: str


class Reused(msgspec.Struct, frozen=True):
    """The token was used before, too long ago for a lost answer: the session must end."""

    user: User
    session: Session


Outcome = SignedIn | Reused | None
"""None for a token that is unknown or over, or shown by another client."""


async def rotate(db: AsyncSession, shown: Sequence[Shown], *, successors: Successors) -> list[Outcome]:
    """What becomes of each of `shown`, in their order. The same token may be among them more than once."""
    at = now()
    hashes = [sha256(one.refresh_token) for one in shown]
    families = await queries.families(db, hashes)
    found = [_checked(families.get(hashed), one, at) for hashed, one in zip(hashes, shown, strict=True)]
    unused = {
        family.token_id: (one.refresh_token, family)
        for one, family in zip(shown, found, strict=True)
        if family is not None and family.use is None
    }
    uses = await _use_up(db, unused, successors, at=at) if unused else {}
    return [_outcome(one, family, uses, successors, at=at) for one, family in zip(shown, found, strict=True)]


def _checked(family: Family | None, shown: Shown, at: datetime) -> Family | None:
    """`family`, unless it is over or another client's."""
    if family is None or family.session.client_id != shown.client_id:
        return None
    end = min(family.expires_at, family.session.expires_at)
    is_over = family.session.ended_at is not None or end <= at or not family.user.is_active
    return None if is_over else family


async def _use_up(
    db: AsyncSession, unused: Mapping[UUID, tuple[str, Family]], successors: Successors, *, at: datetime
) -> dict[UUID, Use]:
    """Use up the tokens of `unused` and keep their successors; how each was used, by us or by who was faster.

    One salt for all will do: the successor of each is made from its own 256 bits too.
    """
    use = Use(at, new_salt())
    won = await queries.use_up(db, unused, use)
    made = []
    for token_id in won:
        refresh_token, family = unused[token_id]
        made.append(kept(family.session, successors.of(refresh_token, use.salt), at=at))
    await queries.go_on(db, made, at=at)
    return dict.fromkeys(won, use) | await queries.uses(db, unused.keys() - won)


def _outcome(
    shown: Shown, family: Family | None, uses: Mapping[UUID, Use], successors: Successors, *, at: datetime
) -> Outcome:
    use = family and (family.use or uses.get(family.token_id))
    if family is None or use is None:
        return None
    if at - use.at > REPLAY_WINDOW:
        return Reused(family.user, family.session)
    return SignedIn(family.user, family.session, successors.of(shown.refresh_token, use.salt))


def kept(session: Session, refresh_token: str, *, at: datetime) -> NewToken:
    """`refresh_token` as it is stored, from `at` on: rotating never leads beyond the end of the session."""
    return NewToken(
        id=new_id(),
        session_id=session.id,
        sha256=sha256(refresh_token),
        created_at=at,
        expires_at=min(at + IDLE, session.expires_at),
    )
