"""What the SSO tells other services about accounts, and what they ask of it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

UserStatus = Literal["active", "suspended", "deactivated"]
"""Suspended by staff; deactivated by its owner, until they come back or it is deleted. Neither can sign in."""


class UserRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An account as staff see it: `GET /internal/users/{id}` and the items of `GET /internal/users`."""

    id: UUID
    email: str
    name: str
    locale: str
    status: UserStatus
    roles: list[str]
    email_verified: bool
    created_at: datetime
    last_login_at: datetime | None = None


class UserPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[UserRecord]
    next_cursor: str | None = None


class UserChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The body of `PATCH /internal/users/{id}`: what is left out stays. A suspended user's sessions end at once."""

    status: UserStatus | None = None
    roles: list[str] | None = None


class UserEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something became of an account: on `events.sso.user.{verb}.v1`."""

    user_id: UUID
    at: datetime


def user_event_subject(verb: str) -> str:
    """`verb` is in the past: registered, suspended, deactivated, restored, deleted."""
    return f"events.sso.user.{verb}.v1"


class ImpersonationStart(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `POST /internal/users/{id}/impersonate`: a member of staff acts in a user's place for `minutes`."""

    staff_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    minutes: Annotated[int, Meta(ge=1, le=60)] = 15


class Impersonation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer: an access token with the claim `act`, and no refresh token. Ending the session revokes it."""

    session_id: UUID
    access_token: str
    expires_in: int
    expires_at: datetime
