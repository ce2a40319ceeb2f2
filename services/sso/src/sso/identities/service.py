"""Who somebody is here who signed in at another provider: by issuer and subject, and never by e-mail (SECURITY 20)."""

from functools import partial
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, now
from common.jobs import enqueue
from common.problems import Unauthorized
from sso.callers import Caller
from sso.challenges.service import Challenged
from sso.identities import queries
from sso.identities.models import Identity
from sso.identities.problems import (
    EmailInUse,
    EmailNotVerified,
    IdentityNotFound,
    LastSignInMethod,
    LinkedElsewhere,
    SignInRefused,
)
from sso.identities.profiles import Profile
from sso.identities.providers import Provider, Providers
from sso.identities.schemas import IdentityRead
from sso.outcomes import count
from sso.passkeys import queries as passkeys
from sso.security_events import service as security_events
from sso.sessions.service import SignedIn
from sso.sign_ins import service as sign_ins
from sso.users import queries as users
from sso.users import service as accounts
from sso.users.emails import email_key
from sso.users.models import User
from sso.users.service import EmailTaken

FLOW = "identity"
AMR = ("fed",)
"""How somebody was authenticated: elsewhere. RFC 8176 has no word for it; this is the one that others use."""


async def sign_in(
    database: Database, provider: Provider, profile: Profile, *, locale: str, caller: Caller, public_url: str
) -> SignedIn | Challenged:
    """A session for whoever `profile` is, or the question for the second factor; a new account for somebody unknown,
    whose language is `locale` unless the provider knows better. Raises SignInRefused, after it is on record."""
    arrive = partial(_arrive, provider=provider, profile=profile, locale=locale, caller=caller)
    try:
        async with database.write() as db:
            outcome = await arrive(db, public_url=public_url)
    except (EmailTaken, IntegrityError):
        # The same person came twice at once, and by now has an account.
        async with database.write() as db:
            outcome = await arrive(db, public_url=public_url)
    if isinstance(outcome, SignInRefused):
        raise outcome
    count(FLOW, "challenged" if isinstance(outcome, Challenged) else "signed_in")
    return outcome


async def _arrive(
    db: AsyncSession, *, provider: Provider, profile: Profile, locale: str, caller: Caller, public_url: str
) -> SignedIn | Challenged | SignInRefused:
    identity = await queries.find(db, profile.issuer, profile.subject)
    if identity is not None:
        user = await users.lock(db, identity.user_id)
        if user is None or not user.is_active:
            return _refuse(db, provider, user, caller, SignInRefused("the account is suspended"))
        identity.last_used_at, identity.email = now(), profile.email
    elif not profile.is_verified:
        # Whether there is an account is not even looked up: nobody has shown that the address is theirs.
        return _refuse(db, provider, None, caller, EmailNotVerified("no verified e-mail"))
    elif (owner := await users.find_by_email(db, email_key(profile.email))) is not None:
        return _refuse(db, provider, owner, caller, EmailInUse("the address has an account"))
    else:
        user = await _register(db, provider, profile, locale, caller)
    return await sign_ins.enter(db, user, amr=AMR, caller=caller, public_url=public_url)


def _refuse(
    db: AsyncSession, provider: Provider, user: User | None, caller: Caller, refusal: SignInRefused
) -> SignInRefused:
    user_id = user.id if user is not None else None
    security_events.record(db, "login.failed", user_id=user_id, caller=caller, provider=provider.settings.id)
    return refusal


async def _register(
    db: AsyncSession, provider: Provider, profile: Profile, locale: str, caller: Caller
) -> User:
    """A new account without a password, with the address that the provider has verified. Raises EmailTaken."""
    user = await accounts.create(
        db,
        email=profile.email,
        name=profile.name,
        locale=profile.locale or locale,
        password_hash=None,
        verified_at=now(),
    )
    _add(db, provider, profile, user).last_used_at = now()
    await db.flush()
    security_events.record(
        db, "user.registered", user_id=user.id, caller=caller, provider=provider.settings.id
    )
    count(FLOW, "registered")
    return user


async def link(
    db: AsyncSession, provider: Provider, profile: Profile, *, user_id: UUID, caller: Caller, public_url: str
) -> None:
    """Let `profile` be a way to sign in to the account of `user_id`, who asked for it and is signed in. Raises
    LinkedElsewhere if it is one to another account."""
    user = await _owner(db, user_id)
    known = await queries.find(db, profile.issuer, profile.subject)
    if known is not None and known.user_id != user.id:
        raise LinkedElsewhere("linked to another account")
    if known is not None:
        return
    _add(db, provider, profile, user)
    try:
        await db.flush()
    except IntegrityError:
        raise LinkedElsewhere("linked in the meantime") from None
    _tell(db, user, "linked", provider.settings.id, provider.settings.name, caller, public_url)


def _add(db: AsyncSession, provider: Provider, profile: Profile, user: User) -> Identity:
    identity = Identity(
        id=new_id(),
        user_id=user.id,
        provider=provider.settings.id,
        issuer=profile.issuer,
        subject=profile.subject,
        email=profile.email,
    )
    db.add(identity)
    return identity


async def listed(db: AsyncSession, user_id: UUID, *, providers: Providers) -> list[IdentityRead]:
    """The identities of an account as its owner sees them, in the order they were linked in."""
    return [
        IdentityRead(
            id=identity.id,
            provider=identity.provider,
            name=providers.name(identity.provider),
            email=identity.email,
            created_at=identity.created_at,
            last_used_at=identity.last_used_at,
        )
        for identity in await queries.of_user(db, user_id)
    ]


async def unlink(
    db: AsyncSession,
    identity_id: UUID,
    *,
    user_id: UUID,
    providers: Providers,
    caller: Caller,
    public_url: str,
) -> None:
    """Let the identity be no way to sign in any more. Raises IdentityNotFound or LastSignInMethod."""
    # Held, so that of two that are removed at once the second sees that it is the last.
    user = await _owner(db, user_id)
    linked = await queries.of_user(db, user.id)
    identity = next((found for found in linked if found.id == identity_id), None)
    if identity is None:
        raise IdentityNotFound
    if len(linked) == 1 and user.password_hash is None and not await _has_passkey(db, user.id):
        raise LastSignInMethod("Set a password or add a passkey first.")
    await db.delete(identity)
    name = providers.name(identity.provider)
    _tell(db, user, "unlinked", identity.provider, name, caller, public_url)


async def _has_passkey(db: AsyncSession, user_id: UUID) -> bool:
    return any(passkey.disabled_at is None for passkey in await passkeys.of(db, user_id))


async def _owner(db: AsyncSession, user_id: UUID) -> User:
    user = await users.lock(db, user_id)
    if user is None or not user.is_active:
        raise Unauthorized
    return user


def _tell(
    db: AsyncSession, user: User, what: str, provider_id: str, name: str, caller: Caller, public_url: str
) -> None:
    """What follows when an identity was linked or unlinked: the trail, a mail, the count."""
    security_events.record(db, f"identity.{what}", user_id=user.id, caller=caller, provider=provider_id)
    count(FLOW, what)
    data = {"name": user.name, "provider": name, "link": f"{public_url}/auth/ui/security"}
    mail = EmailJob(template=f"identity-{what}", to=user.email, locale=user.locale, data=data)
    enqueue(
        db,
        mail,
        kind=EmailJob.KIND,
        user_id=user.id,
        priority="interactive",
        unique_key=f"identity-{what}.{new_id()}",
    )
