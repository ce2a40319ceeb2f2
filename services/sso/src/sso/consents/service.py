"""What people let apps do: asked once for each scope, kept until they withdraw it."""

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from common.problems import NotFound
from sso.callers import Caller
from sso.clients.models import OAuthClient
from sso.consents import queries
from sso.consents.models import Consent
from sso.scopes import SCOPES
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.users import queries as users
from sso.users.models import User


class ConsentNotFound(NotFound):
    code, title = "CONSENT_NOT_FOUND", "This app was granted nothing"


class Question(msgspec.Struct, frozen=True):
    """What a person is asked: the scopes that the app has not, and those that it has already."""

    new: list[str]
    known: list[str]

    @property
    def scope(self) -> str:
        return " ".join(self.new)


async def granted(db: AsyncSession, user_id: UUID, client_id: str) -> frozenset[str]:
    """The scopes that the user has granted the client, all in all."""
    consent = await queries.find(db, user_id, client_id)
    return frozenset(consent.scopes) if consent is not None else frozenset()


async def question(db: AsyncSession, user_id: UUID, client_id: str, *, scopes: Collection[str]) -> Question:
    """What the user has to be asked for `client_id` to have `scopes`, in the order of SCOPES."""
    known = await granted(db, user_id, client_id)
    wanted = [scope for scope in SCOPES if scope in scopes]
    return Question(
        new=[scope for scope in wanted if scope not in known],
        known=[scope for scope in wanted if scope in known],
    )


async def grant(
    db: AsyncSession, user: User, client: OAuthClient, *, scopes: Collection[str], caller: Caller
) -> None:
    """Grant `scopes` beside those of before."""
    await users.lock(db, user.id)  # so that of two answers at once neither is lost
    consent = await queries.find(db, user.id, client.id)
    if consent is None:
        consent = Consent(user_id=user.id, client_id=client.id, scopes=[])
        db.add(consent)
    consent.scopes, consent.updated_at = sorted({*consent.scopes, *scopes}), now()
    security_events.record(
        db,
        "consent.granted",
        user_id=user.id,
        caller=caller,
        client=client.id,
        scopes=" ".join(sorted(scopes)),
    )
    await db.flush()


async def withdraw(db: AsyncSession, user_id: UUID, client_id: str, *, caller: Caller) -> None:
    """Take back all that the user has granted the client; its sessions end at once. Raises ConsentNotFound."""
    await users.lock(db, user_id)  # so that the app gets no session meanwhile
    if not await queries.forget(db, user_id, client_id):
        raise ConsentNotFound
    await sessions.end_of_client(db, client_id, user_id=user_id, reason="consent_withdrawn", caller=caller)
    security_events.record(db, "consent.withdrawn", user_id=user_id, caller=caller, client=client_id)


def deny(db: AsyncSession, user_id: UUID, client_id: str, *, caller: Caller) -> None:
    """Keep on record that the user said no."""
    security_events.record(db, "consent.denied", user_id=user_id, caller=caller, client=client_id)
