"""Showing a passkey: to sign in, as the second factor of a sign-in, or to confirm once more who one is."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication

from common.ids import now
from sso.callers import Caller
from sso.factors import mails
from sso.outcomes import count
from sso.passkeys import challenges, options, queries
from sso.passkeys.challenges import Purpose
from sso.passkeys.models import Passkey
from sso.passkeys.relying_party import InvalidCredential, RelyingParty
from sso.passkeys.schemas import AuthenticationCredential, RequestOptions
from sso.security_events import service as security_events
from sso.sessions.models import MFA
from sso.users import queries as users
from sso.users.models import User

AMR = ("pop", "user", MFA)
"""How somebody with a passkey was authenticated (RFC 8176): a key, somebody who was there, and verified."""


class Shown(msgspec.Struct, frozen=True):
    """A passkey that was shown, and whose it is. With a `refusal` it counts for nothing."""

    owner: User | None
    refusal: str = ""


async def ask(
    db: AsyncSession, party: RelyingParty, purpose: Purpose, *, user_id: UUID | None = None
) -> RequestOptions:
    """The options for `purpose`: any of the passkeys of `user_id`, or whichever there is if nobody is known."""
    challenge = challenges.issue(db, purpose, user_id=user_id)
    known = await queries.of(db, user_id) if user_id is not None else ()
    allowed = [passkey for passkey in known if passkey.disabled_at is None]
    return options.to_get(party, challenge, allowed=allowed)


async def is_shown(
    db: AsyncSession,
    party: RelyingParty,
    user: User,
    credential: dict[str, Any],
    *,
    purpose: Purpose,
    caller: Caller,
) -> bool:
    """Whether `credential` (the JSON of a browser) is one of `user`'s, asked for by `ask` with the same `purpose`."""
    try:
        read = msgspec.convert(credential, AuthenticationCredential)
    except msgspec.ValidationError:
        return False
    shown = await show(db, party, read, purpose=purpose, user_id=user.id, caller=caller)
    return not shown.refusal


async def show(
    db: AsyncSession,
    party: RelyingParty,
    credential: AuthenticationCredential,
    *,
    purpose: Purpose,
    user_id: UUID | None = None,
    caller: Caller,
) -> Shown:
    """Whose passkey was shown, by an answer to a challenge that was given for `purpose`, to `user_id` if they were
    known. The owner is held by the transaction, which has to commit in any case: the challenge is used up."""
    passkey = await queries.find_by_credential(db, party.id_of(credential))
    owner = await users.lock(db, passkey.user_id) if passkey is not None else None
    try:
        if not await challenges.claim(db, party.challenge_of(credential), purpose, user_id=user_id):
            return Shown(owner, "challenge")
        if passkey is None or owner is None or not owner.is_active or user_id not in {None, owner.id}:
            return Shown(owner, "unknown")
        verified = party.asserted(credential, passkey, is_discovered=user_id is None)
    except InvalidCredential:
        return Shown(owner, "invalid")
    if await _rises(db, passkey, verified):
        return Shown(owner)
    await _disable(db, party, passkey, owner, caller)
    return Shown(owner, "cloned")


async def _rises(db: AsyncSession, passkey: Passkey, verified: VerifiedAuthentication) -> bool:
    return await queries.note_use(
        db,
        passkey,
        sign_count=verified.new_sign_count,
        is_backed_up=verified.credential_backed_up,
        at=now(),
    )


async def _disable(
    db: AsyncSession, party: RelyingParty, passkey: Passkey, owner: User, caller: Caller
) -> None:
    """A counter that went back means that there are two of a key that cannot be copied in a good way. Which of them is
    the owner's cannot be told, so neither works any more, and the owner is told."""
    if await queries.disable(db, passkey, at=now()):
        security_events.record(
            db, "passkey.cloned", user_id=owner.id, caller=caller, passkey_id=str(passkey.id)
        )
        count("passkey", "cloned")
        mails.tell_removed(db, owner, "passkey", public_url=party.public_url)
