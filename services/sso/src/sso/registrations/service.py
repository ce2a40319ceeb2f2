"""Registering: account, session, verification mail and profile in one transaction (ARCHITECTURE 5)."""

from sqlalchemy.ext.asyncio import AsyncSession

from sso.callers import Caller
from sso.passwords.acceptance import NewPasswords
from sso.registrations.schemas import RegisterRequest
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.sessions.service import SignedIn
from sso.settings import Settings
from sso.users import service as users
from sso.verifications import service as verifications


async def register(
    db: AsyncSession,
    new_passwords: NewPasswords,
    *,
    data: RegisterRequest,
    caller: Caller,
    settings: Settings,
) -> SignedIn:
    """A new account with its first session. Raises PasswordRefused or EmailTaken."""
    # Before the first statement, which is what begins the transaction.
    password_hash = await new_passwords.accept(data.password, email=data.email, name=data.name)
    user = await users.create(
        db, email=data.email, name=data.name, locale=data.locale, password_hash=password_hash
    )
    signed_in = await sessions.start(db, user, caller=caller)
    verifications.request(db, user, public_url=settings.issuer)
    security_events.record(
        db, "user.registered", user_id=user.id, session_id=signed_in.session.id, caller=caller
    )
    return signed_in
