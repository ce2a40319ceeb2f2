"""The passkeys of an account: signing in with one, adding, naming and removing them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.problems import NotFound, Problem, Unauthorized
from sso.callers import Caller
from sso.challenges import service as sign_in_challenges
from sso.challenges.service import Challenged, ChallengeExpired
from sso.factors import service as factors
from sso.factors.secrets import FactorSecrets
from sso.outcomes import count
from sso.passkeys import assertions, authenticators, challenges, options, queries
from sso.passkeys.models import Passkey
from sso.passkeys.relying_party import InvalidCredential, RelyingParty, is_backup_eligible
from sso.passkeys.schemas import (
    AuthenticationCredential,
    CreationOptions,
    RegistrationCredential,
    RequestOptions,
)
from sso.security_events import service as security_events
from sso.sessions.service import SignedIn
from sso.sign_ins import service as sign_ins
from sso.users.models import User

MOST = 20
"""Passkeys of one account."""


class PasskeyRefused(Unauthorized):
    """One answer to everything that can be against a sign-in: an unknown passkey, a suspended account, a wrong
    signature, a challenge that was used before."""

    code, title = "PASSKEY_REFUSED", "This passkey does not sign you in"


class PasskeyInvalid(Problem):
    status, code, title = 400, "PASSKEY_INVALID", "The passkey could not be added; begin again"


class PasskeyExists(Problem):
    status, code, title = 409, "PASSKEY_EXISTS", "This passkey was added before"


class TooManyPasskeys(Problem):
    status, code, title = 409, "TOO_MANY_PASSKEYS", f"An account can have {MOST} passkeys; remove one first"


class PasskeyNotFound(NotFound):
    code, title = "PASSKEY_NOT_FOUND", "Passkey not found"


class Registered(msgspec.Struct, frozen=True):
    """A new passkey, and the recovery codes that came with it if there were none."""

    passkey: Passkey
    recovery_codes: list[str]


async def login_options(db: AsyncSession, party: RelyingParty) -> RequestOptions:
    """For anybody: which account it will be is said by the passkey, so that there is nothing to be found out here."""
    return await assertions.ask(db, party, "login")


async def second_factor_options(db: AsyncSession, party: RelyingParty, token: str) -> RequestOptions:
    """For the sign-in that waits under `token`. Raises ChallengeExpired."""
    waiting = await sign_in_challenges.find(db, token)
    if waiting is None:
        raise ChallengeExpired
    return await assertions.ask(db, party, "second-factor", user_id=waiting.user_id)


async def login(
    database: Database, party: RelyingParty, credential: AuthenticationCredential, *, caller: Caller
) -> SignedIn | Challenged:
    """A session of whoever the passkey belongs to. Raises PasskeyRefused, after the challenge is used up."""
    async with database.write() as db:
        outcome = await _entered(db, party, credential, caller)
    count("passkey_login", "succeeded" if outcome else "refused")
    if outcome is None:
        raise PasskeyRefused
    return outcome


async def _entered(
    db: AsyncSession, party: RelyingParty, credential: AuthenticationCredential, caller: Caller
) -> SignedIn | Challenged | None:
    shown = await assertions.show(db, party, credential, purpose="login", caller=caller)
    if shown.owner is not None and not shown.refusal:
        return await sign_ins.enter(
            db, shown.owner, amr=assertions.AMR, caller=caller, public_url=party.public_url
        )
    user_id = shown.owner.id if shown.owner is not None else None
    security_events.record(
        db, "login.failed", user_id=user_id, caller=caller, method="passkey", reason=shown.refusal
    )
    return None


async def registration_options(db: AsyncSession, party: RelyingParty, user_id: UUID) -> CreationOptions:
    """Raises TooManyPasskeys."""
    user = await factors.owner(db, user_id)
    existing = await queries.of(db, user_id)
    if len(existing) >= MOST:
        raise TooManyPasskeys
    challenge = challenges.issue(db, "register", user_id=user_id)
    return options.to_create(party, user, challenge, existing=existing)


async def register(
    database: Database,
    party: RelyingParty,
    credential: RegistrationCredential,
    *,
    user_id: UUID,
    name: str | None,
    secrets: FactorSecrets,
    caller: Caller,
) -> Registered:
    """Add a passkey. Raises PasskeyInvalid, PasskeyExists or TooManyPasskeys, after the challenge is used up."""
    async with database.write() as db:
        user = await factors.owner(db, user_id)
        made = await _made(db, party, user, credential, caller)
        if isinstance(made, Passkey):
            made.name = name.strip() if name else made.name
            db.add(made)
            await db.flush()
            registered = await _added(db, party, user, made, secrets, caller)
    count("passkey_registration", "refused" if isinstance(made, Problem) else "succeeded")
    if isinstance(made, Problem):
        raise made
    return registered


async def _made(
    db: AsyncSession, party: RelyingParty, user: User, credential: RegistrationCredential, caller: Caller
) -> Passkey | Problem:
    try:
        challenge = party.challenge_of(credential)
        if not await challenges.claim(db, challenge, "register", user_id=user.id):
            return PasskeyInvalid()
        verified = party.registered(credential)
    except InvalidCredential:
        return PasskeyInvalid()
    if await queries.find_by_credential(db, verified.credential_id) is not None:
        return PasskeyExists()
    if len(await queries.of(db, user.id)) >= MOST:
        return TooManyPasskeys()
    return Passkey(
        user_id=user.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=sorted(set(credential.response.transports)),
        aaguid=verified.aaguid,
        name=authenticators.default_name(verified.aaguid, caller.user_agent),
        is_backup_eligible=is_backup_eligible(verified),
        is_backed_up=verified.credential_backed_up,
    )


async def _added(
    db: AsyncSession,
    party: RelyingParty,
    user: User,
    passkey: Passkey,
    secrets: FactorSecrets,
    caller: Caller,
) -> Registered:
    security_events.record(
        db, "passkey.registered", user_id=user.id, caller=caller, passkey_id=str(passkey.id)
    )
    codes = await factors.added(
        db, user, "passkey", secrets=secrets, caller=caller, public_url=party.public_url
    )
    return Registered(passkey, codes)


async def of(db: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    """The user's passkeys, the oldest first."""
    return await queries.of(db, user_id)


async def rename(db: AsyncSession, passkey_id: UUID, *, user_id: UUID, name: str) -> Passkey:
    """Raises PasskeyNotFound."""
    passkey = await _find(db, passkey_id, user_id)
    passkey.name = name.strip()
    return passkey


async def remove(
    db: AsyncSession, party: RelyingParty, passkey_id: UUID, *, user_id: UUID, caller: Caller
) -> None:
    """With the last second factor of the account the recovery codes go too. Raises PasskeyNotFound."""
    user = await factors.owner(db, user_id)
    passkey = await _find(db, passkey_id, user_id)
    await queries.forget(db, passkey)
    security_events.record(db, "passkey.removed", user_id=user_id, caller=caller, passkey_id=str(passkey_id))
    await factors.removed(db, user, "passkey", caller=caller, public_url=party.public_url)


async def _find(db: AsyncSession, passkey_id: UUID, user_id: UUID) -> Passkey:
    passkey = await queries.find(db, passkey_id, user_id=user_id)
    if passkey is None:
        raise PasskeyNotFound
    return passkey
