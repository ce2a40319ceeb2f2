"""The rules of accounts: how one comes to be, what its owner changes, what staff change."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.profiles import ProfilePut
from common.contracts.users import UserChange, UserEvent, user_event_subject
from common.ids import new_id, now
from common.outbox import call, emit
from common.problems import FieldError, Forbidden, NotFound, Problem, Unauthorized, ValidationFailed
from sso.callers import Caller
from sso.fields import LONGEST_EMAIL
from sso.security_events import service as security_events
from sso.sessions import service as sessions
from sso.users import queries
from sso.users.emails import email_key
from sso.users.models import SUSPENDED, User
from sso.users.schemas import UserUpdate

_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_MOST_ROLES = 20


class EmailTaken(Problem):
    status, code, title = 409, "EMAIL_TAKEN", "There is an account with this e-mail address"


class UserNotFound(NotFound):
    code, title = "USER_NOT_FOUND", "User not found"


async def create(
    db: AsyncSession,
    *,
    email: str,
    name: str,
    locale: str,
    password_hash: str | None,
    roles: Sequence[str] = (),
    verified_at: datetime | None = None,
) -> User:
    """A new account; its profile is put into the account service through the outbox. Raises EmailTaken."""
    user = User(
        id=new_id(),
        email=email.strip(),
        email_key=_checked_key(email),
        email_verified_at=verified_at,
        name=name.strip(),
        locale=locale,
        password_hash=password_hash,
        roles=list(roles),
    )
    db.add(user)
    try:
        await db.flush()
    except IntegrityError:
        raise EmailTaken from None
    profile = ProfilePut(email=user.email, name=user.name, locale=user.locale)
    call(db, "account", "PUT", f"/internal/profiles/{user.id}", profile)
    emit(db, user_event_subject("registered"), UserEvent(user_id=user.id, at=user.created_at or now()))
    return user


def _checked_key(email: str) -> str:
    """The key of `email`. Normalising can lengthen it, or bring forth a second `@`."""
    key = email_key(email)
    if len(key) > LONGEST_EMAIL or key.count("@") != 1:
        raise ValidationFailed(errors=[FieldError("$.email", "This is no e-mail address.")])
    return key


async def me(db: AsyncSession, user_id: UUID) -> User:
    """The caller's own account. Raises Unauthorized if it is there no more."""
    user = await queries.find(db, user_id)
    if user is None or not user.is_active:
        raise Unauthorized
    return user


async def update(db: AsyncSession, user_id: UUID, *, data: UserUpdate) -> User:
    user = await me(db, user_id)
    user.name = data.name.strip() if data.name is not None else user.name
    user.locale = data.locale or user.locale
    await db.flush()
    return user


async def get(db: AsyncSession, user_id: UUID) -> User:
    """Any account, for staff. Raises UserNotFound."""
    user = await queries.find(db, user_id)
    if user is None:
        raise UserNotFound
    return user


async def change(db: AsyncSession, user_id: UUID, *, data: UserChange, caller: Caller) -> User:
    """Change status or roles. Whoever may not sign in any more, or loses a role, is out everywhere at once."""
    user = await queries.lock(db, user_id)
    if user is None:
        raise UserNotFound
    before = set(user.roles)
    if data.status is not None and data.status != user.status:
        user.status = data.status
        verb = "restored" if user.is_active else data.status
        security_events.record(db, f"user.{verb}", user_id=user.id, caller=caller)
        emit(db, user_event_subject(verb), UserEvent(user_id=user.id, at=now()))
    if data.roles is not None and set(data.roles) != before:
        user.roles = _checked_roles(data.roles)
        security_events.record(
            db, "user.roles_changed", user_id=user.id, caller=caller, roles=",".join(user.roles)
        )
    if not user.is_active or before - set(user.roles):
        await _end_everything(db, user.id, reason="changed_by_staff", caller=caller)
    await db.flush()
    return user


async def change_own(db: AsyncSession, user_id: UUID, *, data: UserChange, caller: Caller) -> User:
    """The same for the account service, on its owner's behalf: deactivate, and come back. Raises Forbidden for more."""
    user = await queries.lock(db, user_id)
    if user is None:
        raise UserNotFound
    if data.roles is not None or SUSPENDED in {data.status, user.status}:
        raise Forbidden("Only staff may do this.")
    return await change(db, user_id, data=data, caller=caller)


async def delete(db: AsyncSession, user_id: UUID, *, caller: Caller) -> None:
    """Delete an account and all that the SSO knows of it; nothing happens if it is gone. What it had signed in ends
    everywhere, and the other services learn of it by an event."""
    user = await queries.lock(db, user_id)
    if user is None:
        return
    await _end_everything(db, user.id, reason="deleted", caller=caller)
    await db.flush()
    await queries.delete_user(db, user.id)
    emit(db, user_event_subject("deleted"), UserEvent(user_id=user.id, at=now()))
    security_events.record(db, "user.deleted", user_id=None, caller=caller, user=str(user.id))


async def _end_everything(db: AsyncSession, user_id: UUID, *, reason: str, caller: Caller) -> None:
    """End what the user had signed in, and where they act for others as staff (SECURITY 28)."""
    await sessions.end_all(db, user_id, reason=reason, caller=caller)
    await sessions.end_of_impersonator(db, user_id, reason=reason, caller=caller)


def _checked_roles(roles: list[str]) -> list[str]:
    if len(roles) > _MOST_ROLES or not all(_ROLE.fullmatch(role) for role in roles):
        raise ValidationFailed(
            errors=[FieldError("$.roles", "A role is lower case letters, digits, - and _.")]
        )
    return sorted(set(roles))
